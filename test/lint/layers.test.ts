/**
 * The layers are held by lint rules, and this proves that each rule fires: for every folder, imports that must be refused
 * and imports that must not, linted with the project's own configuration in a tree made for the occasion.
 */
import {execFileSync} from 'node:child_process'
import {copyFileSync, mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {scratchFolder} from '../support/program.ts'

/** Per file: what it may not import, and what it may. */
const LAYERS: Record<string, {refused: string[]; taken: string[]}> = {
  'src/errors.ts': {refused: ['./domain/user.ts', 'node:fs', 'zod'], taken: []},
  'src/domain/thing.ts': {
    refused: ['../api/control-api.ts', '../render/table.ts', '../usecases/x.ts', 'node:fs', 'zod', '@a/b'],
    taken: ['./user.ts', './values/tag.ts', '../errors.ts', 'node:net'],
  },
  'src/domain/values/thing.ts': {
    refused: ['../user.ts', '../../api/control-api.ts', '../../text/secrets.ts', 'node:fs', 'zod'],
    taken: ['./duration.ts', '../../errors.ts', 'node:net'],
  },
  'src/text/thing.ts': {
    refused: ['../api/control-api.ts', '../cli/io/io.ts', '../domain/user.ts', '../render/table.ts'],
    taken: ['../errors.ts', './secrets.ts'],
  },
  'src/system/thing.ts': {
    refused: ['../api/connect.ts', '../config/target.ts', '../derp/map.ts'],
    taken: ['../errors.ts', './files.ts', 'node:fs'],
  },
  'src/render/thing.ts': {
    refused: ['../api/control-api.ts', '../cli/io/io.ts', '../usecases/x.ts', '../derp/map.ts', '../sandbox/index.ts'],
    taken: ['../domain/user.ts', '../errors.ts', './table.ts', 'string-width'],
  },
  'src/render/columns/things.ts': {
    refused: ['../../api/capabilities.ts', '../../cli/io/io.ts', '../../config/target.ts', '../../commands/version.ts'],
    taken: ['../../domain/user.ts', '../table.ts', '../time.ts'],
  },
  'src/derp/thing.ts': {
    refused: [
      '../api/connect.ts',
      '../cli/io/io.ts',
      '../commands/version.ts',
      '../usecases/x.ts',
      '../sandbox/index.ts',
    ],
    taken: ['../errors.ts', './map.ts', './check/stun.ts'],
  },
  'src/derp/check/thing.ts': {
    refused: ['../../api/transport/http/http-transport.ts', '../../cli/flags.ts'],
    taken: ['../map.ts'],
  },
  'src/config/thing.ts': {
    refused: ['../api/connect.ts', '../cli/io/io.ts', '../render/table.ts'],
    taken: ['../domain/values/duration.ts', '../errors.ts', './values.ts'],
  },
  'src/sandbox/thing.ts': {
    refused: [
      '../api/connect.ts',
      '../api/releases.ts',
      '../api/transport/grpc/message-frames.ts',
      '../api/dialects/index.ts',
      '../domain/values/registration-key.ts',
      '../config/values.ts',
      '../cli/io/io.ts',
    ],
    taken: [
      '../api/operations.ts',
      '../api/messages.ts',
      '../api/gen/v0_15.ts',
      '../errors.ts',
      '../syntax/json.ts',
      '../system/files.ts',
      './tailnet.ts',
    ],
  },
  'src/sandbox/releases/shared/thing.ts': {
    refused: ['../v0_15-v0_22/machines.ts', '../v0_30/keys.ts', '../../../domain/user.ts'],
    taken: ['./records.ts', '../../tailnet.ts', '../../../syntax/json.ts'],
  },
  'src/sandbox/releases/v0_15-v0_22/thing.ts': {
    refused: [
      '../../../api/capabilities.ts',
      '../../../domain/user.ts',
      '../v0_23-v0_26/users.ts',
      '../v0_27-v0_29/users.ts',
      '../v0_30/keys.ts',
    ],
    taken: ['../../../api/messages.ts', './messages.ts', '../shared/release-simulator.ts'],
  },
  'src/sandbox/releases/v0_23-v0_26/thing.ts': {
    refused: ['../../../api/connect.ts', '../../../cli/io/io.ts', '../v0_27-v0_29/users.ts', '../v0_30/keys.ts'],
    taken: ['../v0_15-v0_22/messages.ts', './messages.ts', '../shared/owners.ts'],
  },
  'src/sandbox/releases/v0_27-v0_29/thing.ts': {
    refused: ['../../../api/connect.ts', '../../../cli/io/io.ts', '../v0_30/keys.ts'],
    taken: ['../v0_23-v0_26/messages.ts', './messages.ts', '../shared/owners.ts'],
  },
  'src/usecases/thing.ts': {
    refused: [
      '../api/connect.ts',
      '../api/transport/http/http-transport.ts',
      '../api/dialects/users.ts',
      '../cli/io/io.ts',
      '../render/x.ts',
    ],
    taken: ['../api/control-api.ts', '../domain/user.ts', '../errors.ts', './resolve-user.ts'],
  },
  'src/api/thing.ts': {
    refused: [
      '../cli/io/io.ts',
      '../commands/version.ts',
      '../render/table.ts',
      '../usecases/x.ts',
      '../sandbox/index.ts',
    ],
    taken: ['../config/target.ts', '../domain/user.ts', './transport/http/http-transport.ts', './dialects/index.ts'],
  },
  'src/api/dialects/thing.ts': {
    refused: ['../../cli/io/io.ts', '../../commands/version.ts', '../../render/table.ts', '../../derp/map.ts'],
    taken: ['../../domain/user.ts', '../transport/transport.ts', '../releases.ts', './dialect.ts'],
  },
  'src/api/transport/thing.ts': {
    refused: [
      '../dialects/users.ts',
      '../releases.ts',
      '../connect.ts',
      '../../domain/user.ts',
      '../../config/target.ts',
    ],
    taken: ['../operations.ts', '../messages.ts', '../../errors.ts', './indeterminate-error.ts'],
  },
  'src/commands/things/list.ts': {
    refused: [
      '../../api/connect.ts',
      '../../api/transport/http/http-transport.ts',
      '../../api/dialects/index.ts',
      '../../api/releases.ts',
      'zod',
      'yaml',
      '@inquirer/prompts',
    ],
    taken: [
      '../../api/control-api.ts',
      '../../cli/flags.ts',
      '../../usecases/x.ts',
      '../../render/x.ts',
      '../../errors.ts',
    ],
  },
}

/** Which of a file's imports the linter refuses. */
function refusedImports(file: string, imports: string[]): string[] {
  const folder = scratchFolder()
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  mkdirSync(dirname(join(folder, file)), {recursive: true})
  const lines = imports.map((name, i) => `import type {T as T${i}} from '${name}'`)
  writeFileSync(join(folder, file), `${lines.join('\n')}\nexport type All = [${imports.map((_, i) => `T${i}`)}]\n`)
  let report: string
  try {
    // Rules about types need the real tree; those about imports do not.
    report = execFileSync(join(ROOT, 'node_modules/.bin/oxlint'), ['-f', 'json', '--disable-nested-config', file], {
      cwd: folder,
      encoding: 'utf8',
      env: {PATH: `${dirname(process.execPath)}:${process.env.PATH}`},
    })
  } catch (error) {
    report = (error as {stdout: string}).stdout
  }
  const {diagnostics} = JSON.parse(report) as {diagnostics: {code: string; labels: {span: {line: number}}[]}[]}
  return diagnostics
    .filter(({code}) => code.includes('no-restricted-imports'))
    .map(({labels}) => imports[labels[0]!.span.line - 1]!)
}

describe.for(Object.entries(LAYERS))('%s', ([file, {refused, taken}]) => {
  test('imports only what is below it', () => {
    expect(refusedImports(file, [...refused, ...taken]).toSorted()).toEqual(refused.toSorted())
  })
})
