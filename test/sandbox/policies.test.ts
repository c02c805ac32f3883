/**
 * Which policy texts a simulator accepts. test/real/sandbox/policies.test.ts compares many more with real servers;
 * these tests cover the important ones without one.
 */
import {afterEach, expect, test} from 'vitest'
import {sandbox, type TestSandbox} from './support/client.ts'

let box: TestSandbox
afterEach(() => box?.close())

const RULES = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'

test.for(['0.26', '0.27', '0.28', '0.29'])('null is a policy without rules on %s', async (release) => {
  box = await sandbox({release})
  await box.ok('SetPolicy', {policy: RULES})
  await box.ok('SetPolicy', {policy: 'null'})
  expect(await box.ok('GetPolicy')).toMatchObject({policy: 'null'})
  for (const policy of ['{"acls": null, "groups": null, "tagOwners": null}', '{"ACLS": []}']) {
    await box.ok('SetPolicy', {policy})
  }
})

test.for(['0.24', '0.25'])('null is an empty policy on %s, and rejected', async (release) => {
  box = await sandbox({release})
  for (const policy of ['null', '{"acls": null}', '{"tagOwners": {"tag:x": []}}']) {
    expect(await box.call('SetPolicy', {policy})).toMatchObject({
      code: 2,
      message: 'setting policy: parsing policy: empty policy',
    })
  }
})

test.for([
  ['{"acls": [}', `line 1, column 11: invalid character '}' at start of value`],
  ['{"ä": tru}', 'line 1, column 8: invalid literal: tru'],
  ['{\n  "acls": []\n} // no line feed', 'line 3, column 3: parsing comment: unexpected EOF'],
  ['{"acls" []}', `line 1, column 9: invalid character '[' after object name`],
  ['[1 2]', `line 1, column 4: invalid character '2' after array value (expecting ',' or ']')`],
  ['{1: 2}', `line 1, column 2: invalid character '1' at start of object name`],
  ['"text', 'line 1, column 6: parsing string: unexpected EOF'],
  ['\ufeff{}', `line 1, column 1: invalid character '\\ufeff' at start of value`],
  ['['.repeat(100_000), 'line 1, column 100001: parsing value: unexpected EOF'],
] as const)('a syntax error has its position: %j', async ([policy, message]) => {
  box = await sandbox({release: '0.29'})
  expect(await box.call('SetPolicy', {policy})).toMatchObject({
    code: 2,
    message: `setting policy: parsing policy: parsing HuJSON: hujson: ${message}`,
  })
})

test('rejects a text that is too deep, without a crash', async () => {
  box = await sandbox({release: '0.29'})
  const depth = 50_000
  expect(await box.call('SetPolicy', {policy: '['.repeat(depth) + ']'.repeat(depth)})).toMatchObject({
    code: 2,
    message: 'setting policy: parsing policy: parsing policy from bytes: jsontext: exceeded max depth',
  })
})

test('policies may have grants since 0.29', async () => {
  box = await sandbox({release: '0.28'})
  expect(await box.call('SetPolicy', {policy: '{"grants": []}'})).toMatchObject({
    message: 'setting policy: parsing policy: unknown field "grants"',
  })
  await box.close()
  box = await sandbox({release: '0.29'})
  await box.ok('SetPolicy', {policy: '{"grants": []}'})
})

const NODE = {name: 'laptop', user: 'alice', addresses: ['100.64.0.1']}
const SEED = {prefixes: ['100.64.0.0/10'], users: [{name: 'alice'}, {name: 'bob'}], nodes: [NODE]}
const withSsh = (rule: string) => `{"groups": {"group:dev": ["alice@"]}, "acls": [], "ssh": [${rule}]}`

test.for([
  // Each is valid on other releases, or for other tailnets.
  ['0.26', '{"acls": [{"action": "accept", "proto": "TCP", "src": ["*"], "dst": ["*:*"]}]}', 'compiling'],
  ['0.27', '{"acls": [{"action": "accept", "proto": "tpc", "src": ["*"], "dst": ["*:*"]}]}', 'parsing'],
  ['0.28', '{"acls": [{"action": "accept", "src": ["bob"], "dst": ["*:*"]}]}', 'parsing'],
  ['0.28', withSsh('{"action": "accept", "src": ["alice@"], "dst": ["*"], "users": ["root"]}'), 'parsing'],
  ['0.27', withSsh('{"action": "accept", "src": ["alice@"], "dst": ["*"], "users": ["root"]}'), null],
  ['0.28', withSsh('{"src": ["alice@"], "dst": ["group:dev"], "users": ["root"]}'), 'ssh'],
  ['0.27', withSsh('{"src": ["alice@"], "dst": ["bob@"], "users": ["root"]}'), null],
  ['0.25', withSsh('{"action": "drop", "src": ["alice"], "dst": ["100.64.0.1"], "users": ["root"]}'), 'ssh'],
  ['0.25', '{"acls": [{"action": "accept", "src": ["bob"], "dst": ["*:*"]}]}', null],
  ['0.23', '{"hosts": {"db": "10.0.0"}, "acls": []}', 'parsing'],
  ['0.29', '{"acls": [], "tests": [{"src": "alice@", "accept": ["100.64.0.1:22"]}]}', 'parsing'],
  ['0.29', '{"acls": [], "tests": [{"src": "alice@", "deny": ["100.64.0.1:22"]}]}', null],
] as const)('%s: %s', async ([release, policy, stage]) => {
  box = await sandbox({release, seed: SEED})
  const {message} = await box.call('SetPolicy', {policy})
  const contexts = {
    parsing: release === '0.23' ? 'loading ACL policy file: ' : 'setting policy: parsing policy: ',
    compiling: 'setting policy: compiling filter rules: ',
    ssh: 'verifying SSH rules: ',
  }
  if (stage === null) expect(message).toBe('')
  else expect(message.slice(0, contexts[stage].length)).toBe(contexts[stage])
  if (stage !== null) expect(message).toMatch(/: line 1: /)
})

test('a seed with a policy that the release rejects does not start', async () => {
  const seed = {...SEED, policy: '{"acls": [], "grants": []}'}
  box = await sandbox({release: '0.29', seed})
  await expect(sandbox({release: '0.28', seed})).rejects.toMatchObject({
    code: 'invalid-input',
    message: 'headscale 0.28 rejects the policy of the seed: setting policy: parsing policy: unknown field "grants"',
    hint: 'see all of it with: headscale-ts policy check --for 0.28 FILE',
  })
})
