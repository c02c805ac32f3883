/** Certificates for relays: names, files, and a pin that is the same as that of openssl and derper. */
import {X509Certificate, createPrivateKey, createPublicKey} from 'node:crypto'
import {mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {certFileNames, parseRelayHost} from '../../src/derp/cert/host.ts'
import {runCert} from '../../src/derp/cert/cert-command.ts'
import {describeCertificate, parseCertificate} from '../../src/derp/cert/pin.ts'
import {issueChain} from './support/chain.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cert-'))
})
afterEach(() => rmSync(dir, {recursive: true, force: true}))

const now = new Date('2026-11-22T12:00:00.789Z')
const make = (host: string, more: {overwrite?: boolean; dir?: string} = {}) =>
  runCert(host, {dir, days: 365, overwrite: false, now, ...more})

describe('names', () => {
  test.for([
    ['203.0.113.7', 'ip', '203.0.113.7.crt'],
    ['2001:db8::1', 'ip', '2001db81.crt'],
    ['::1', 'ip', '1.crt'],
    ['derp.example.com', 'dns', 'derp.example.com.crt'],
    ['under_score.example', 'dns', 'underscore.example.crt'],
    ['derp.example.com.', 'dns', 'derp.example.com.crt'],
    ['xn--bcher-kva.example', 'dns', 'xn--bcher-kva.example.crt'],
  ] as const)('%s is a %s name, in the file %s', ([text, kind, certificate]) => {
    const host = parseRelayHost(text)
    expect(host.kind).toBe(kind)
    expect(certFileNames(host).certificate).toBe(certificate)
  })

  test.for([
    ['https://derp.example.com', 'give only the host, without scheme, port and path'],
    ['derp.example.com:443', 'give only the host: a certificate has no port'],
    ['[2001:db8::1]', 'give an IPv6 address without brackets and port'],
    ['Derp.example.com', 'derper compares names byte by byte: write it in lower case, derp.example.com'],
    ['*.example.com', 'derper needs the exact name of the relay, not a wildcard'],
    ['bücher.example', 'write an international name in its xn-- form'],
    ['203.0.113', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
    ['203.0.113.256', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
    ['../../etc/passwd', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
    ['a..b', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
    ['-a.example', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
    ['a'.repeat(64) + '.example', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
    ['', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
    ['a,O=evil', 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'],
  ] as const)('%s is none', ([text, hint]) => {
    expect(() => parseRelayHost(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `invalid host ${JSON.stringify(text)}: expected an IP address or a DNS name`,
        hint,
      }),
    )
  })

  test('rejects an address with a zone', () => {
    expect(() => parseRelayHost('fe80::1%eth0')).toThrow('invalid host "fe80::1%eth0": it has a zone')
  })
})

describe('the certificate', () => {
  test.for([
    ['203.0.113.7', 'IP Address:203.0.113.7'],
    ['2001:db8::1', 'IP Address:2001:DB8:0:0:0:0:0:1'],
    ['derp.example.com', 'DNS:derp.example.com'],
  ] as const)('for %s is self-signed, names it, and belongs to the key', async ([host, altName]) => {
    const made = await make(host)
    const certificate = new X509Certificate(readFileSync(made.certificateFile))
    expect({
      names: certificate.subjectAltName,
      subject: certificate.subject,
      issuer: certificate.issuer,
      from: certificate.validFrom,
      to: certificate.validTo,
      authority: certificate.ca,
      purpose: certificate.keyUsage,
      kind: certificate.publicKey.asymmetricKeyDetails,
    }).toEqual({
      names: altName,
      subject: `CN=${host}`,
      issuer: `CN=${host}`,
      from: 'Nov 22 12:00:00 2026 GMT',
      to: 'Nov 22 12:00:00 2027 GMT',
      authority: false,
      purpose: ['1.3.6.1.5.5.7.3.1'],
      kind: {namedCurve: 'prime256v1'},
    })
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    const key = createPublicKey(createPrivateKey(readFileSync(made.keyFile)))
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(made.keyFile)))).toBe(true)
    expect(key.export({type: 'spki', format: 'pem'})).toBe(certificate.publicKey.export({type: 'spki', format: 'pem'}))
    expect(made.pin).toBe(`sha256-raw:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`)
  })

  test('a name too long for the CN is in the alternative names', async () => {
    const host = `${'a'.repeat(60)}.example.com`
    const {certificateFile} = await make(host)
    expect(new X509Certificate(readFileSync(certificateFile)).checkHost(host)).toBe(host)
  })
})

describe('the files', () => {
  test('are where derper reads them, the key readable by its owner only, without other files', async () => {
    const folder = join(dir, 'a', 'certs')
    await make('2001:db8::1', {dir: folder})
    expect(readdirSync(folder).sort()).toEqual(['2001db81.crt', '2001db81.key'])
    expect((statSync(join(folder, '2001db81.key')).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(join(folder, '2001db81.crt')).mode & 0o777 & ~0o022).toString(8)).toBe('644')
  })

  test.for(['203.0.113.7.crt', '203.0.113.7.key'])(
    '%s is not overwritten, and neither file is changed',
    async (name) => {
      writeFileSync(join(dir, name), 'mine')
      await expect(make('203.0.113.7')).rejects.toMatchObject({
        code: 'already-exists',
        message: `${join(dir, name)} already exists`,
      })
      expect(readdirSync(dir)).toEqual([name])
      expect(readFileSync(join(dir, name), 'utf8')).toBe('mine')
    },
  )

  test('are replaced on request, with the mode of the key', async () => {
    writeFileSync(join(dir, '203.0.113.7.key'), 'mine', {mode: 0o644})
    const {keyFile} = await make('203.0.113.7', {overwrite: true})
    expect(readFileSync(keyFile, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect((statSync(keyFile).mode & 0o777).toString(8)).toBe('600')
  })

  test('the error names a folder that is a file', async () => {
    writeFileSync(join(dir, 'certs'), '')
    await expect(make('203.0.113.7', {dir: join(dir, 'certs')})).rejects.toMatchObject({
      code: 'failed',
      message: `${join(dir, 'certs')} is not a directory`,
    })
  })
})

describe('the pin of a file', () => {
  test('PEM and DER give the same', async () => {
    const made = await make('203.0.113.7')
    const pem = readFileSync(made.certificateFile)
    const {pin, certificates} = describeCertificate(parseCertificate(pem, 'x'))
    expect({pin, certificates}).toEqual({pin: made.pin, certificates: 1})
    expect(describeCertificate(parseCertificate(new X509Certificate(pem).raw, 'x')).pin).toBe(made.pin)
  })

  test('text around the PEM, and CRLF, do not matter', async () => {
    const made = await make('203.0.113.7')
    const pem = `Certificate of the relay\n${readFileSync(made.certificateFile, 'utf8')}`.replaceAll('\n', '\r\n')
    expect(describeCertificate(parseCertificate(Buffer.from(pem), 'x')).pin).toBe(made.pin)
  })

  test('for a chain it is the pin of the leaf, with the length of the chain', async () => {
    const {certificatePem, pin} = await issueChain()
    expect(describeCertificate(parseCertificate(Buffer.from(certificatePem), 'x'))).toMatchObject({
      pin,
      certificates: 2,
    })
  })

  test.for([
    ['a key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['nothing', ''],
    ['a damaged certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ] as const)('%s is no certificate', ([, content]) => {
    expect(() => parseCertificate(Buffer.from(content), 'file.crt')).toThrow(
      expect.objectContaining({code: 'invalid-input', message: 'file.crt contains no certificate'}),
    )
  })
})
