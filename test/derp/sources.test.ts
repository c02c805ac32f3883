/** Input of derp commands: maps inside other documents, null regions, passwords in URLs, targets that are not files. */
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {BASE} from './cases.ts'
import {derp, folderWith, serve} from './support.ts'

const MAP = '{"Regions": {"900": {"RegionID": 900, "RegionCode": "c", "RegionName": "n", "Nodes": [NODE]}}}'
const NODE =
  '{"Name": "900a", "RegionID": 900, "HostName": "derp.example.com", "IPv4": "198.51.100.1", "DERPPort": 12345}'
const JSON_MAP = MAP.replace('NODE', NODE)

describe('a map inside another document', () => {
  test.each([
    ['policy.hujson', `// ours\n{"acls": [], "derpMap": ${JSON_MAP.replace('[{', '[/* one */ {')},}`, 'derpMap'],
    ['part.json', `"derpMap": ${JSON_MAP},\n`, 'derpMap'],
    ['values.yaml', `headscale:\n  derp:\n${BASE.replaceAll(/^(?=.)/gm, '    ')}`, 'headscale.derp'],
    [
      'configmap.yaml',
      `apiVersion: v1\nkind: ConfigMap\ndata:\n  derp.yaml: |\n${BASE.replaceAll(/^(?=.)/gm, '    ')}`,
      'data.derp.yaml',
    ],
  ])('%s is the same map', async (name, text, path) => {
    const cwd = await folderWith({[name]: text, 'derp.yaml': BASE})
    const {status, stdout} = await derp(cwd, 'diff', name, 'derp.yaml')
    expect({status, stdout}).toEqual({status: 0, stdout: ''})
    const rendered = await derp(cwd, 'render', '--from', name)
    expect(rendered).toMatchObject({status: 0, stdout: expect.stringContaining('derpport: 12345')})
    const shown = await derp(cwd, 'show', name, '-o', 'yaml')
    expect(shown.stdout).toContain('derpport: 12345')
    expect(shown.stderr).toContain(`the map in ${path} is used`)
  })

  test.each([
    ['a list', `regions:\n${BASE.replace('regions:\n  900:\n    r', '  - r').replaceAll(/^    /gm, '    ')}`],
    ['one region', BASE.replace('regions:\n  900:\n', '').replaceAll(/^    /gm, '')],
    ['regions alone', BASE.replace('regions:\n', '').replaceAll(/^  /gm, '')],
  ])('%s is the same map', async (_, text) => {
    const cwd = await folderWith({'a.yaml': text, 'derp.yaml': BASE})
    expect((await derp(cwd, 'diff', 'a.yaml', 'derp.yaml')).status).toBe(0)
    const {status, stdout} = await derp(cwd, 'validate', 'a.yaml')
    expect(status).toBe(6)
    expect(stdout.match(/error wrapped-map/g)).toHaveLength(1)
    expect(stdout).not.toContain('unknown-key')
  })

  test('a spec file is not a list of regions', async () => {
    const cwd = await folderWith({'spec.yaml': 'regions:\n  - {id: 900, nodes: [{host: a.example.com}]}\n'})
    expect((await derp(cwd, 'validate', 'spec.yaml')).stderr).toContain('is a spec file for derp render')
    expect((await derp(cwd, 'show', 'spec.yaml')).status).toBe(0)
  })
})

test('a JSON map in a file of another name can be rendered', async () => {
  const cwd = await folderWith({'derp.yaml': JSON_MAP})
  expect((await derp(cwd, 'validate', 'derp.yaml')).status).toBe(6)
  const {status, stdout} = await derp(cwd, 'render', '--from', 'derp.yaml')
  expect({status, stdout}).toEqual({status: 0, stdout: expect.stringContaining('derpport: 12345')})
})

test('render rejects a map that validation rejects', async () => {
  const text = BASE.replaceAll('regionid: 900', 'regionid: 999')
  const {status, stderr} = await derp(await folderWith({'a.yaml': text}), 'render', '--from', 'a.yaml')
  expect({status, stderr}).toEqual({
    status: 6,
    stderr: expect.stringMatching(/^error: a\.yaml:3:15: The key is 900, but regionid is 999\nhint: /),
  })
})

test('diff reports a region that is null', async () => {
  const cwd = await folderWith({'a.yaml': BASE, 'b.yaml': `${BASE}  1: null\n`})
  expect(await derp(cwd, 'diff', 'a.yaml', 'b.yaml')).toEqual({status: 1, stdout: '+ 1: null\n', stderr: ''})
})

test('show names the keys that headscale ignores', async () => {
  const cwd = await folderWith({'a.yaml': BASE.replace('derpport', 'derport')})
  const {stderr} = await derp(cwd, 'show', 'a.yaml')
  expect(stderr).toContain("a.yaml:11:9: Unknown key 'derport'; write derpport")
})

describe('the password of a URL', () => {
  let maps: {url: string; close: () => void}
  const asked: (string | undefined)[] = []
  beforeAll(async () => {
    maps = await serve((request, response) => {
      asked.push(request.headers.authorization)
      response.writeHead(request.url === '/map.json' ? 200 : 404).end(request.url === '/map.json' ? JSON_MAP : 'none')
    })
  })
  afterAll(() => maps.close())

  test('is sent as headscale sends it, and not printed', async () => {
    const url = maps.url.replace('//', '//user:hunter2@')
    const config = `server_url: https://hs.example.com\nderp:\n  urls: [${url}/map.json, ${url}/nothing]\n`
    const cwd = await folderWith({'derp.yaml': BASE, 'config.yaml': config})
    for (const words of [
      ['validate', `${url}/map.json`],
      ['validate', `${url}/nothing`, '-o', 'json'],
      ['validate', '--config', 'config.yaml'],
      ['validate', '--config', 'config.yaml', '--fetch'],
      ['validate', 'http://user:hunter2@127.0.0.1:9/map.json'],
      ['validate', 'http://user:hun/ter2@127.0.0.1:9/map.json'],
      ['validate', `${url}/map.json`, '--fix'],
      ['show', 'config.yaml', '--for', '0.26'],
      ['show', 'config.yaml', '--offline'],
      ['show', `${url}/map.json`],
      ['show', 'ftp://user:hunter2@127.0.0.1/map.json'],
      ['diff', `${url}/map.json`, `${url}/nothing`],
    ]) {
      const {stdout, stderr} = await derp(cwd, ...words)
      expect(stdout + stderr, words.join(' ')).not.toMatch(/hunter2|ter2/)
    }
    expect(new Set(asked)).toEqual(new Set([`Basic ${Buffer.from('user:hunter2').toString('base64')}`]))
  })
})

describe('targets that are not files', () => {
  test('a pipe whose writer starts late', async () => {
    const cwd = await folderWith({})
    await new Promise((resolve) => spawn('mkfifo', [join(cwd, 'pipe')]).on('close', resolve))
    const writer = spawn('sh', ['-c', 'sleep 0.5; printf "%s" "$MAP" > pipe'], {cwd, env: {...process.env, MAP: BASE}})
    expect((await derp(cwd, 'validate', 'pipe')).stdout).toBe(
      'pipe: 1 region, 1 node; no errors, no warnings (headscale 0.29)\n',
    )
    writer.kill()
  })

  test('a name with a NUL character in derp.paths', async () => {
    const cwd = await folderWith({'config.yaml': 'server_url: https://a.example.com\nderp:\n  paths: ["a\\0b"]\n'})
    const {status, stdout, stderr} = await derp(cwd, 'validate', '--config', 'config.yaml')
    expect({status, stderr}).toEqual({status: 6, stderr: ''})
    expect(stdout).toContain('the name contains a NUL character')
  })
})
