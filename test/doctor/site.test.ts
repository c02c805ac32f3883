/** Verdicts about an address that a server of the test cannot show: chains of authorities, the end of a certificate, clocks. */
import {X509Certificate} from 'node:crypto'
import {beforeAll, expect, test} from 'vitest'
import {createRelayCertificate} from '../../src/derp/cert/create.ts'
import {judgeCertificate} from '../../src/doctor/checks/certificate.ts'
import {judgeUpgrade} from '../../src/doctor/checks/site.ts'
import {judgeClock} from '../../src/doctor/checks/clock.ts'
import {issueChain} from '../derp-check/support/chain.ts'
import type {SiteFacts} from '../../src/doctor/probe/site.ts'

const DAY = 86_400_000
const NOW = new Date('2026-11-27T12:00:00Z')
const CONTEXT = {
  role: {name: 'server_url', users: 'clients', setIn: 'server_url in config.yaml'},
  ownKey: null,
  listener: null,
}

/** Valid for 90 days, from 80 days before. */
let leaf: X509Certificate
beforeAll(async () => {
  const notBefore = new Date(NOW.getTime() - 80 * DAY)
  const made = await createRelayCertificate({kind: 'dns', name: 'hs.example.com'}, {days: 90, notBefore})
  leaf = new X509Certificate(made.certificatePem)
})

const factsOf = (more: Partial<SiteFacts> = {}): SiteFacts => ({
  url: new URL('https://hs.example.com'),
  fault: null,
  certificate: {leaf, certificates: 2, chainError: null},
  key: null,
  clock: {theirs: NOW, ours: NOW},
  upgrade: null,
  ...more,
})
const at = (days: number, offset = 0) => ({now: new Date(NOW.getTime() + days * DAY), offset, ignored: false})
const codes = ({problems = []}: {problems?: readonly {code: string}[]}) => problems.map(({code}) => code)

test('a certificate is reported from 14 days before its end', () => {
  expect(judgeCertificate(factsOf(), CONTEXT, at(-5))).toMatchObject({seen: 'valid, 15 days left (until 2026-12-07)'})
  expect(codes(judgeCertificate(factsOf(), CONTEXT, at(-5)))).toEqual([])
  expect(codes(judgeCertificate(factsOf(), CONTEXT, at(0)))).toEqual(['certificate-expires-soon'])
  expect(codes(judgeCertificate(factsOf(), CONTEXT, at(11)))).toEqual(['certificate-expired'])
})

test('a certificate that only a wrong clock makes invalid is no problem of the certificate', () => {
  const aheadOfServer = at(11, -11 * DAY)
  expect(codes(judgeCertificate(factsOf(), CONTEXT, aheadOfServer))).toEqual([])
})

test('a missing issuer and an unknown authority are told apart', async () => {
  const issued = new X509Certificate((await issueChain()).leafPem)
  const chain = (certificates: number, chainError: string) =>
    judgeCertificate(
      factsOf({url: new URL('https://127.0.0.1'), certificate: {leaf: issued, certificates, chainError}}),
      CONTEXT,
      {now: new Date(), offset: 0, ignored: false},
    )
  expect(codes(chain(1, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'))).toEqual(['certificate-chain'])
  expect(chain(2, 'SELF_SIGNED_CERT_IN_CHAIN').problems).toMatchObject([
    {code: 'certificate-untrusted', message: expect.stringContaining('issued by Test authority')},
  ])
})

test('a certificate that commands do not verify is a warning', () => {
  const facts = factsOf({certificate: {leaf, certificates: 1, chainError: 'DEPTH_ZERO_SELF_SIGNED_CERT'}})
  const {problems} = judgeCertificate(facts, CONTEXT, {...at(-30), ignored: true})
  expect(problems).toMatchObject([{severity: 'warning', code: 'certificate-untrusted'}])
})

test.each([
  [400, 'missing Tailscale handshake header\n', []],
  [101, '', []],
  [500, 'Internal error\n', ['upgrade-stripped']],
  [400, 'unknown next protocol\n', ['upgrade-stripped']],
  [426, '', ['upgrade-blocked']],
  [502, '', ['upgrade-blocked']],
])('an upgrade that gets %i %j', (status, body, expected) => {
  const upgrade = {status, headers: new Map(), body}
  expect(codes(judgeUpgrade(factsOf({upgrade}), CONTEXT, true))).toEqual(expected)
  expect(judgeUpgrade(factsOf({upgrade}), CONTEXT, false)).toMatchObject({skipped: true})
})

test.each([
  [29_000, [], 0],
  [-31_000, ['clock'], 0],
  [5 * 60_000, ['clock'], 5 * 60_000],
])('a server that is %i ms ahead', (ahead, expected, offset) => {
  const clock = {ours: NOW, theirs: new Date(NOW.getTime() + ahead)}
  const verdict = judgeClock([factsOf({clock: null}), factsOf({clock})])
  expect([codes(verdict), verdict.offset]).toEqual([expected, offset])
})
