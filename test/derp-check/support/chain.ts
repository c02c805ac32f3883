/** A leaf for 127.0.0.1 with the authority that signed it, as a file of two certificates, or of the leaf alone. */
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import {pinOfDer} from '../../../src/derp/cert/pin.ts'

export interface Chain {
  certificatePem: string
  leafPem: string
  keyPem: string
  pin: string
}

export async function issueChain(): Promise<Chain> {
  cryptoProvider.set(crypto)
  const signingAlgorithm = {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'}
  const authority = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const root = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test authority',
    keys: authority,
    signingAlgorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  const leaf = await X509CertificateGenerator.create({
    subject: 'CN=127.0.0.1',
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm,
    extensions: [new SubjectAlternativeNameExtension([{type: 'ip', value: '127.0.0.1'}])],
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificatePem: `${leaf.toString('pem')}\n${root.toString('pem')}\n`,
    leafPem: leaf.toString('pem'),
    keyPem: PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    pin: pinOfDer(new Uint8Array(leaf.rawData)),
  }
}
