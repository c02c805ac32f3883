/**
 * The test harness itself: what other tests assume about a real headscale, for each release that can be started here.
 * The set-up of the run prints the others.
 */
import {spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {get} from 'node:https'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {available, headscaleVersions, type RealHeadscale, startHeadscale} from '../support/real-servers.ts'

/** The terms of each release's CLI, and the form of its registration key. */
const CLI_NAMES: Record<string, {users: string; owner: string; nodeKey: () => string}> = {
  '0.17.1': {users: 'namespaces', owner: '--namespace', nodeKey: () => `nodekey:${randomBytes(32).toString('hex')}`},
  '0.22.3': {users: 'users', owner: '--user', nodeKey: () => `nodekey:${randomBytes(32).toString('hex')}`},
  '0.29.3': {users: 'users', owner: '--user', nodeKey: () => `hskey-authreq-${randomBytes(18).toString('base64url')}`},
}

const folder = mkdtempSync(join(tmpdir(), 'harness-'))
afterAll(() => rmSync(folder, {recursive: true}))

test('the releases with a folder in test/servers are found, oldest first', () => {
  expect(headscaleVersions()).toEqual(['0.17.1', '0.22.3', '0.23.0', '0.25.1', '0.26.1', '0.27.1', '0.28.0', '0.29.3'])
})

test('a release without a folder is not available, and the reason names it', () => {
  expect(available('0.1.0')).toEqual({
    ok: false,
    reason: 'headscale-0.1.0: there is no such module in test/servers',
  })
})

describe.each(Object.keys(CLI_NAMES).filter((version) => available(version).ok))('headscale %s', (version) => {
  let server: RealHeadscale
  beforeAll(async () => {
    server = await startHeadscale({version, prefixes: {v4: '10.1.0.0/16'}})
  })
  afterAll(() => server.stop())

  test('keeps its data over a restart, and serves it over REST with the key', async () => {
    const {users, owner} = CLI_NAMES[version]!
    expect((await server.cli([users, 'create', 'default'])).code).toBe(0)
    await server.restart()
    const topic = owner === '--namespace' ? 'namespace' : 'user'
    const reply = await fetch(`${server.url}/api/v1/${topic}`, {headers: {Authorization: `Bearer ${server.apiKey}`}})
    const body = (await reply.json()) as Record<string, {name: string}[]>
    expect([reply.status, body[`${topic}s`]?.map(({name}) => name)]).toEqual([200, ['default']])
  })

  test('gives nodes addresses from the requested prefix', async () => {
    const {owner, nodeKey} = CLI_NAMES[version]!
    const key = nodeKey()
    await server.cli(['debug', 'create-node', '--name', 'n1', owner, 'default', '--key', key])
    const {code, stdout, stderr} = await server.cli(['nodes', 'register', owner, 'default', '--key', key, '-o', 'json'])
    expect([code, stderr.includes('Error')]).toEqual([0, false])
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({ip_addresses: ['10.1.0.1']})
  })

  test('leaves no process and no folder after it is stopped', async () => {
    const other = await startHeadscale({version})
    expect(other.alive()).toBe(true)
    await other.stop()
    expect([other.alive(), existsSync(other.folder)]).toEqual([false, false])
    await expect(fetch(`${other.url}/health`)).rejects.toThrow('fetch failed')
  })

  test('ends with the process that started it, even if that is killed', async () => {
    const script = `
      const {startHeadscale} = await import(${JSON.stringify(join(import.meta.dirname, '../support/real-servers.ts'))})
      const {url, folder} = await startHeadscale({version: ${JSON.stringify(version)}})
      process.stdout.write(url + ' ' + folder)
      setInterval(() => {}, 1000)`
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
    const [url = '', folder = ''] = await new Promise<string[]>((resolve) =>
      owner.stdout.once('data', (data) => resolve(String(data).split(' '))),
    )
    expect((await fetch(`${url}/health`)).status).toBe(200)
    owner.kill('SIGKILL')
    const deadline = Date.now() + 5000
    while (await answers(url)) {
      if (Date.now() > deadline) throw new Error(`${url} still answers`)
      await sleep(50)
    }
    rmSync(folder, {recursive: true})
  })

  test('serves REST over TLS with the given certificate', async () => {
    const {cert, key, pem} = await selfSigned()
    const secure = await startHeadscale({version, tls: {cert, key}})
    const status = await new Promise((resolve, reject) =>
      get(`${secure.url}/health`, {ca: pem}, (reply) => resolve(reply.statusCode)).on('error', reject),
    )
    await secure.stop()
    expect([new URL(secure.url).protocol, status]).toEqual(['https:', 200])
  })
})

/** A certificate for 127.0.0.1, as files and as text. */
async function selfSigned(): Promise<{cert: string; key: string; pem: string}> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const algorithm = {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'}
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=127.0.0.1',
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new x509.SubjectAlternativeNameExtension([{type: 'ip', value: '127.0.0.1'}])],
  })
  const privateKey = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const cert = join(folder, 'tls.crt')
  const key = join(folder, 'tls.key')
  writeFileSync(cert, made.toString('pem'))
  writeFileSync(key, `-----BEGIN PRIVATE KEY-----\n${privateKey}\n-----END PRIVATE KEY-----\n`)
  return {cert, key, pem: made.toString('pem')}
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok
  } catch {
    return false
  }
}
