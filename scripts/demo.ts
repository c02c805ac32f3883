/**
 * `npm run demo`: the first steps with headscale, typed at a simulated server of 0.15 that holds the guide's tailnet.
 * Each line is really run by the built program and shows its real output; one that ends otherwise than it should ends the
 * demo with its exit status. Nothing of it is left afterwards.
 */
import {spawn} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startSandbox} from '../src/sandbox/index.ts'
import {guide} from '../src/sandbox/seed/guide.ts'

const PROGRAM = join(import.meta.dirname, '../bin/run.js')

/** A text to read, or a line to run with the exit status it must have: 0 when absent. A quiet one shows nothing. */
type Step = {say: string} | {run: string; status?: number; quiet?: true}

const COREDNS = '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'
const CARSON = '21d7a3c10f5e94b8627c3d0a9be84f1563c2e7d09a8b4f7651e0c3d2b4a59687'

const OPENWRT = '6d93f0a7e5c1b842906e7d5f3c8b1a04e2f9d7c6b5a3849f1e0d2c4b6a8f7e53'
/** Clients of the guide's tailnet between those two and the router. */
const OTHERS = guide.pending!.slice(2, 5).map(({key}) => key)

const STEPS: Step[] = [
  {say: 'A simulated headscale 0.15 has started, in memory. Two people are waiting to join its tailnet.'},

  {say: '1. Nodes belong to a namespace, so that comes first.'},
  {run: 'headscale-ts namespaces create default'},
  {run: 'headscale-ts namespaces list'},

  {
    say:
      '2. On the client, `tailscale up --login-server=…` printed a URL. The page behind it shows the line to run on the\n' +
      '   server, with the flag in front of the command. It works unchanged.',
  },
  {run: `headscale-ts -n default nodes register --key ${COREDNS}`},
  {say: '   The second person sent the complete URL. It works too.'},
  {run: `headscale-ts -n default nodes register --key "http://198.51.100.7:8080/register?key=${CARSON}"`},
  {run: 'headscale-ts nodes list'},

  ...OTHERS.map((key): Step => ({run: `headscale-ts -n default nodes register --key ${key}`, quiet: true})),
  {
    say:
      '3. Three more have joined meanwhile, and now a router that offers the network behind it\n' +
      '   (tailscale up --advertise-routes=192.168.100.0/24). A route is used once it is enabled.',
  },
  {run: `headscale-ts -n default nodes register --key ${OPENWRT}`},
  {run: 'headscale-ts nodes list|grep openwrt'},
  {run: 'headscale-ts routes list -i 6'},
  {run: 'headscale-ts routes enable -i 6 -r "192.168.100.0/24"'},

  {say: "4. A relay of your own begins with its map, checked and ready for derp.paths in headscale's config.yaml."},
  {run: "headscale-ts derp render --region 900:thk:'Tencent Hongkong' --domain derp.example.com --port 12345"},

  {say: '5. Scripts get JSON that is the same on every headscale release, and exit codes that mean something.'},
  {run: 'headscale-ts namespaces list -o json-line'},
  {run: 'headscale-ts namespaces create default', status: 12},

  {
    say:
      'On the machine of your own headscale (0.15 or later) the same lines work as they are: the socket is found through\n' +
      "headscale's config file. From elsewhere, with an API key (headscale apikeys create):\n\n" +
      '    export HEADSCALE_CLI_ADDRESS=https://headscale.example.com\n' +
      '    export HEADSCALE_CLI_API_KEY=…\n' +
      '    headscale-ts nodes list\n\n' +
      'To try more without a server:  npx headscale-ts sandbox run --seed guide -- bash',
  },
]

const folder = mkdtempSync(join(tmpdir(), 'headscale-ts-demo-'))
const socketPath = join(folder, 'headscale.sock')
writeFileSync(join(folder, 'headscale-ts'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`, {mode: 0o755})
const sandbox = await startSandbox({release: '0.15', socketPath, seed: guide})
try {
  for (const step of STEPS) {
    if ('say' in step) {
      process.stdout.write(`${step.say}\n\n`)
      continue
    }
    if (!step.quiet) process.stdout.write(`$ ${step.run}\n`)
    const status = await runLine(step.run, step.quiet ? 'ignore' : 'inherit')
    if (step.status) process.stdout.write(`$ echo $?\n${status}\n`)
    if (!step.quiet) process.stdout.write('\n')
    if (status !== (step.status ?? 0)) {
      process.exitCode = status || 1
      break
    }
  }
} finally {
  await sandbox.close()
  rmSync(folder, {recursive: true, force: true})
}

/** Runs a line as a shell does, with `headscale-ts` on its PATH. @returns its exit status */
function runLine(line: string, stdout: 'inherit' | 'ignore'): Promise<number> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HEADSCALE_')))
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', line], {
      stdio: ['ignore', stdout, 'inherit'],
      cwd: folder,
      env: {
        ...env,
        PATH: `${folder}:${env.PATH}`,
        HEADSCALE_UNIX_SOCKET: socketPath,
        XDG_CACHE_HOME: folder,
      },
    })
    child.on('error', reject)
    child.on('close', (status) => resolve(status ?? 1))
  })
}
