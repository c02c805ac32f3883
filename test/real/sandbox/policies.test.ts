/**
 * Policies through headscale's own CLI: which texts a release accepts, and what it says about the others, must be the
 * same on the real server and on the simulator of it.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {configYaml} from '../../../src/sandbox/config-file.ts'
import {startSandbox} from '../../../src/sandbox/index.ts'
import {run} from '../../servers/process.ts'
import {available, startHeadscale, type RealHeadscale} from '../../support/real-servers.ts'

const TEXTS = [
  '',
  ' \n',
  'null',
  '  null // nothing\n',
  'nul',
  'true',
  '42',
  '"text"',
  '[]',
  '{}',
  '{',
  '{"acls"',
  '{"acls":',
  '{"acls": [',
  '{"acls": [}',
  '{"acls": [],}',
  '{"acls": [],,}',
  '{,}',
  '{"acls": []} x',
  '{acls: []}',
  "{'acls': []}",
  '{"acls" []}',
  '{"hosts": {"a": "10.0.0.1" "b": "10.0.0.2"}}',
  '// one\n/* two\n three */ {"acls": [] /* four */} // five',
  '{"acls": [] /* no end',
  '# hash\n{"acls": []}',
  '{"tagOwners": {"tag:x": []}}',
  '{"tagOwners": null}',
  '{"acls": null}',
  '{"acls": {}}',
  '{"groups": []}',
  '{"groups": {"group:a": "alice@"}}',
  '{"groups": {"group:a": 1}}',
  '{"groups": {"group:a": null}}',
  '{"tagOwners": []}',
  '{"hosts": []}',
  '{"acls": "x"}',
  '{"grants": []}',
  '{"randomizeClientPort": true}',
  '{"unknown": 1}',
  '{"ACLs": []}',
  '{"acls": [], "acls": []}',
  '\ufeff{"acls": []}',
  '{"acls": ["\\x"]}',
  '{"acls": ["\t"]}',
  'ä',
  '{"ä": tru}',
  '{"acls":\n  [{"action": "accept", "src": ["*"], "dst": ["*:*"]},\n  tru]}',
]

const RELEASES = ['0.23.0', '0.25.1', '0.26.1', '0.27.1', '0.28.0', '0.29.3']

describe.each(RELEASES.filter((version) => available(version).ok))('policies of %s', (version) => {
  test('are accepted and rejected alike by both', {timeout: 180_000}, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sb-'))
    const socketPath = join(folder, 'sandbox.sock')
    const file = join(folder, 'policy.json')
    writeFileSync(join(folder, 'config.yaml'), configYaml(folder, socketPath))
    const sandbox = await startSandbox({release: version.slice(0, 4), socketPath})
    const server = await startHeadscale({version})
    try {
      const transcript = async (configPath: string) => {
        const shown: string[] = []
        for (const text of TEXTS) {
          writeFileSync(file, text)
          for (const words of [
            ['policy', 'set', '-f', file],
            ['policy', 'get'],
          ]) {
            shown.push(`$ ${words[1]} ${JSON.stringify(text)} ${await answer(server, configPath, words)}`)
          }
        }
        return shown.join('\n')
      }
      expect(await transcript(join(folder, 'config.yaml'))).toBe(await transcript(server.configPath))
    } finally {
      await server.stop()
      await sandbox.close()
      rmSync(folder, {recursive: true})
    }
  })
})

async function answer({bin, env}: RealHeadscale, configPath: string, words: string[]): Promise<string> {
  const {code, stdout, stderr} = await run([bin, '-c', configPath, ...words], {env})
  const text = stdout + stderr
  // Go's JSON library chooses one of two texts at random, once per process.
  return `→ ${code}\n${text.replaceAll('json: unable to unmarshal', 'json: cannot unmarshal')}`
}
