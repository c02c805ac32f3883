/** Shared by the HTTP tests: a transport to a listener, outcomes in one line, temporary certificates. */
import 'reflect-metadata'
import {webcrypto} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import type {RequestListener} from 'node:http'
import {join} from 'node:path'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import {onTestFinished} from 'vitest'
import {type HttpOptions, type HttpTransport, httpTransport} from '../../../src/api/transport/http/http-transport.ts'
import {HeadscaleError} from '../../../src/errors.ts'
import {listenOnPort, recordingHttp, type SeenHttp, temporaryFolder} from './servers.ts'

export const API_KEY = 'abcdefghij.ThisIsTheSecretPartOfTheKey_-0123456789'

/** Opens a transport, by default with a key and five seconds; it is closed with the test. */
export async function open(address: string, options: Partial<HttpOptions> = {}): Promise<HttpTransport> {
  const transport = await httpTransport({
    base: new URL(address),
    apiKey: API_KEY,
    insecure: false,
    caFile: null,
    timeoutMs: 30_000,
    describe: address,
    ...options,
  })
  onTestFinished(() => transport.close())
  return transport
}

/** A server that answers as told, and a transport to it. */
export async function answered(
  answer: RequestListener,
  options: Partial<HttpOptions> & {path?: string} = {},
): Promise<{transport: HttpTransport; seen: SeenHttp[]; address: string}> {
  const {server, seen} = recordingHttp(answer)
  const address = `http://127.0.0.1:${await listenOnPort(server)}`
  const transport = await open(address + (options.path ?? ''), {describe: 'the server', ...options})
  return {transport, seen, address}
}

/** `code: message | hint`, or the reply as JSON. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await call)
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    return `${error.code}: ${error.message} | ${error.hint}`
  }
}

/** A certificate and its key in PEM. */
export interface Certificate {
  cert: string
  key: string
  /** The certificate in a file of its own, for `caFile`. */
  file: string
}

/** Makes a self-signed certificate for 127.0.0.1, or for what is asked. */
export async function certificate({name = '127.0.0.1', expired = false} = {}): Promise<Certificate> {
  cryptoProvider.set(webcrypto as never)
  const algorithm = {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'}
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const day = 86_400_000
  const made = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 10 * day),
    notAfter: new Date(Date.now() + (expired ? -1 : 10) * day),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [
      new SubjectAlternativeNameExtension([{type: /^[\d.]+$/.test(name) ? 'ip' : 'dns', value: name}]),
      new BasicConstraintsExtension(true),
    ],
  })
  const cert = made.toString('pem')
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  const file = join(temporaryFolder(), 'ca.pem')
  writeFileSync(file, cert)
  return {cert, key, file}
}
