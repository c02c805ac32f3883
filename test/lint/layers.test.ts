/**
 * Lint rules enforce the layers, and this proves that each rule fires: for every folder, imports that must be rejected
 * and imports that must be accepted, linted with the project's own configuration in a temporary tree.
 */
import {spawnSync} from 'node:child_process'
import {copyFileSync, mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {scratchFolder} from '../support/program.ts'

/** For each file: imports that are rejected, and imports that are accepted. */
const LAYERS: Record<string, {rejected: string[]; accepted: string[]}> = {
  'src/errors.ts': {rejected: ['./domain/user.ts', 'node:fs', 'zod'], accepted: []},
  'src/minimum-clients.ts': {rejected: ['./api/releases.ts', './setup/releases.ts', 'node:fs'], accepted: []},
  'src/domain/thing.ts': {
    rejected: ['../api/control-api.ts', '../render/table.ts', '../usecases/x.ts', 'node:fs', 'zod', '@a/b'],
    accepted: ['./user.ts', './values/tag.ts', '../errors.ts', 'node:net'],
  },
  'src/domain/values/thing.ts': {
    rejected: ['../user.ts', '../../api/control-api.ts', '../../text/secrets.ts', 'node:fs', 'zod'],
    accepted: ['./duration.ts', '../../errors.ts', 'node:net'],
  },
  'src/text/thing.ts': {
    rejected: ['../api/control-api.ts', '../cli/io/io.ts', '../domain/user.ts', '../render/table.ts'],
    accepted: ['../errors.ts', './secrets.ts'],
  },
  'src/system/thing.ts': {
    rejected: ['../api/connect.ts', '../config/target.ts', '../derp/map.ts'],
    accepted: ['../errors.ts', './files.ts', 'node:fs'],
  },
  'src/render/thing.ts': {
    rejected: ['../api/control-api.ts', '../cli/io/io.ts', '../usecases/x.ts', '../derp/map.ts', '../sandbox/index.ts'],
    accepted: ['../domain/user.ts', '../errors.ts', './table.ts', 'string-width'],
  },
  'src/render/columns/things.ts': {
    rejected: [
      '../../api/capabilities.ts',
      '../../cli/io/io.ts',
      '../../config/target.ts',
      '../../commands/version.ts',
    ],
    accepted: ['../../domain/user.ts', '../table.ts', '../time.ts'],
  },
  'src/derp/thing.ts': {
    rejected: [
      '../api/connect.ts',
      '../cli/io/io.ts',
      '../commands/version.ts',
      '../usecases/x.ts',
      '../sandbox/index.ts',
    ],
    accepted: ['../errors.ts', './map.ts', './check/stun.ts'],
  },
  'src/derp/check/thing.ts': {
    rejected: ['../../api/transport/http/http-transport.ts', '../../cli/flags.ts'],
    accepted: ['../map.ts'],
  },
  'src/doctor/checks/thing.ts': {
    rejected: ['../../cli/io/io.ts', '../../commands/version.ts', '../../sandbox/index.ts'],
    accepted: ['../result.ts', '../../api/connect.ts', '../../setup/releases.ts', '../../derp/map.ts'],
  },
  'src/policy/thing.ts': {
    rejected: [
      '../api/releases.ts',
      '../cli/flags.ts',
      '../usecases/x.ts',
      '../sandbox/index.ts',
      '../derp/map.ts',
      '../system/files.ts',
      'node:fs',
      'yaml',
    ],
    accepted: [
      '../syntax/json.ts',
      '../diagnostics/finding.ts',
      '../text/edit-distance.ts',
      '../errors.ts',
      'node:net',
    ],
  },
  'src/policy/format/thing.ts': {
    rejected: ['../../api/connect.ts', '../../system/replace-file.ts'],
    accepted: ['../../syntax/json.ts', './extra.ts'],
  },
  'src/setup/check/thing.ts': {
    rejected: ['../../api/connect.ts', '../../cli/io/io.ts', '../../commands/version.ts', '../../render/table.ts'],
    accepted: [
      './context.ts',
      '../../derp/lint/validate.ts',
      '../../syntax/yaml.ts',
      '../../config/config-file.ts',
      '../../minimum-clients.ts',
    ],
  },
  'src/tailnet-file/thing.ts': {
    rejected: ['../domain/user.ts', '../sandbox/index.ts', '../usecases/x.ts', 'node:fs', 'yaml'],
    accepted: ['./tailnet-data.ts', '../text/untrusted.ts', '../errors.ts', 'zod'],
  },
  'src/config/thing.ts': {
    rejected: ['../api/connect.ts', '../cli/io/io.ts', '../render/table.ts'],
    accepted: ['../domain/values/duration.ts', '../errors.ts', './values.ts'],
  },
  'src/sandbox/thing.ts': {
    rejected: [
      '../api/connect.ts',
      '../api/releases.ts',
      '../api/transport/grpc/message-frames.ts',
      '../api/dialects/index.ts',
      '../domain/values/registration-key.ts',
      '../config/values.ts',
      '../cli/io/io.ts',
    ],
    accepted: [
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
    rejected: ['../v0_15-v0_22/machines.ts', '../v0_30/keys.ts', '../../../domain/user.ts'],
    accepted: ['./records.ts', '../../tailnet.ts', '../../../syntax/json.ts'],
  },
  'src/sandbox/releases/v0_15-v0_22/thing.ts': {
    rejected: [
      '../../../api/capabilities.ts',
      '../../../domain/user.ts',
      '../v0_23-v0_26/users.ts',
      '../v0_27-v0_29/users.ts',
      '../v0_30/keys.ts',
    ],
    accepted: ['../../../api/messages.ts', './messages.ts', '../shared/release-simulator.ts'],
  },
  'src/sandbox/releases/v0_23-v0_26/thing.ts': {
    rejected: ['../../../api/connect.ts', '../../../cli/io/io.ts', '../v0_27-v0_29/users.ts', '../v0_30/keys.ts'],
    accepted: ['../v0_15-v0_22/messages.ts', './messages.ts', '../shared/owners.ts'],
  },
  'src/sandbox/releases/v0_27-v0_29/thing.ts': {
    rejected: ['../../../api/connect.ts', '../../../cli/io/io.ts', '../v0_30/keys.ts'],
    accepted: ['../v0_23-v0_26/messages.ts', './messages.ts', '../shared/owners.ts'],
  },
  'src/usecases/thing.ts': {
    rejected: [
      '../api/connect.ts',
      '../api/transport/http/http-transport.ts',
      '../api/dialects/users.ts',
      '../cli/io/io.ts',
      '../render/x.ts',
    ],
    accepted: ['../api/control-api.ts', '../domain/user.ts', '../errors.ts', './resolve-user.ts'],
  },
  'src/api/thing.ts': {
    rejected: [
      '../cli/io/io.ts',
      '../commands/version.ts',
      '../render/table.ts',
      '../usecases/x.ts',
      '../sandbox/index.ts',
    ],
    accepted: ['../config/target.ts', '../domain/user.ts', './transport/http/http-transport.ts', './dialects/index.ts'],
  },
  'src/api/dialects/thing.ts': {
    rejected: ['../../cli/io/io.ts', '../../commands/version.ts', '../../render/table.ts', '../../derp/map.ts'],
    accepted: ['../../domain/user.ts', '../transport/transport.ts', '../releases.ts', './dialect.ts'],
  },
  'src/api/transport/thing.ts': {
    rejected: [
      '../dialects/users.ts',
      '../releases.ts',
      '../connect.ts',
      '../../domain/user.ts',
      '../../config/target.ts',
    ],
    accepted: ['../operations.ts', '../messages.ts', '../../errors.ts', './indeterminate-error.ts'],
  },
  'src/commands/things/list.ts': {
    rejected: [
      '../../api/connect.ts',
      '../../api/transport/http/http-transport.ts',
      '../../api/dialects/index.ts',
      '../../api/releases.ts',
      'zod',
      'yaml',
      '@inquirer/prompts',
    ],
    accepted: [
      '../../api/control-api.ts',
      '../../cli/flags.ts',
      '../../usecases/x.ts',
      '../../render/x.ts',
      '../../errors.ts',
    ],
  },
}

/** The imports that the linter rejects, by file. One run over all the files, since its start takes longest. */
function rejectedImports(): Map<string, string[]> {
  const folder = scratchFolder()
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  const imports = new Map(Object.entries(LAYERS).map(([file, layer]) => [file, [...layer.rejected, ...layer.accepted]]))
  for (const [file, names] of imports) {
    mkdirSync(dirname(join(folder, file)), {recursive: true})
    const lines = names.map((name, i) => `import type {T as T${i}} from '${name}'`)
    writeFileSync(join(folder, file), `${lines.join('\n')}\nexport type All = [${names.map((_, i) => `T${i}`)}]\n`)
  }
  // Rules about types need the real tree; those about imports do not. Every rejected import ends oxlint with status 1.
  const {stdout} = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['-f', 'json', '--disable-nested-config', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    env: {PATH: `${dirname(process.execPath)}:${process.env.PATH}`},
  })
  const {diagnostics} = JSON.parse(stdout) as {
    diagnostics: {code: string; filename: string; labels: {span: {line: number}}[]}[]
  }
  const rejected = new Map<string, string[]>()
  for (const {code, filename, labels} of diagnostics) {
    if (!code.includes('no-restricted-imports')) continue
    const name = imports.get(filename)![labels[0]!.span.line - 1]!
    rejected.set(filename, [...(rejected.get(filename) ?? []), name])
  }
  return rejected
}

let found: Map<string, string[]>
beforeAll(() => {
  found = rejectedImports()
})

describe.for(Object.entries(LAYERS))('%s', ([file, {rejected}]) => {
  test('imports only what is below it', () => {
    expect((found.get(file) ?? []).toSorted()).toEqual(rejected.toSorted())
  })
})
