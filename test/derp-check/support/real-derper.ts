/** A real derper on free loopback ports, in its own folder; it is ready when its log says that it serves. */
import {createSocket} from 'node:dgram'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {createServer} from 'node:net'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {available, programFolder} from '../../servers/build.ts'
import {lastLines, startBackground} from '../../servers/process.ts'

const MODULE = 'tailscale-1.102.5'

export const derper = available(MODULE)

export interface RealDerper {
  port: number
  stunPort: number
  /** The pin that derper prints; '' if it prints none. */
  pin: string
  log: () => string
  stop(): Promise<void>
}

export interface DerperOptions {
  /** As `-hostname`. */
  hostname?: string
  /** The address it listens on; `127.0.0.1`, `[::]`. */
  listen?: string
  /** As `-certdir`, default a folder in which derper makes its own certificate. */
  certDir?: string
  /** More flags. */
  flags?: string[]
  /** The TCP port, default a free one. */
  port?: number
  /** More environment variables. */
  env?: NodeJS.ProcessEnv
  /** `-certmode manual` left out: plain HTTP on this port. */
  plain?: boolean
}

export async function startDerper({
  hostname = '127.0.0.1',
  listen = '127.0.0.1',
  certDir,
  flags = [],
  plain = false,
  env = {},
  ...given
}: DerperOptions = {}): Promise<RealDerper> {
  const folder = mkdtempSync(join(tmpdir(), 'derper-'))
  const [port, stunPort] = [given.port ?? (await freeTcpPort()), await freeUdpPort()]
  const log = join(folder, 'derper.log')
  const command = [join(programFolder(MODULE), 'derper'), '-a', `${listen}:${port}`, '-hostname', hostname]
  command.push('-c', join(folder, 'derper.key'), '-certdir', certDir ?? folder, '-http-port', '-1')
  command.push('-stun-port', String(stunPort), ...(plain ? [] : ['-certmode', 'manual']), ...flags)
  const background = startBackground(command, {cwd: folder, env: {...process.env, ...env}, log})
  const text = (): string => readFileSync(log, 'utf8')
  for (
    const end = Date.now() + 10_000;
    !(text().includes('derper: serving on') && (await answers(port)));
    await sleep(50)
  ) {
    if (background.alive() && Date.now() < end) continue
    await background.stop()
    throw new Error(`derper does not serve:\n${lastLines(log)}`)
  }
  return {
    port,
    stunPort,
    pin: /sha256-raw:[0-9a-f]{64}/.exec(text())?.[0] ?? '',
    log: text,
    async stop() {
      await background.stop()
      rmSync(folder, {recursive: true, force: true})
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const {connect} = await import('node:net')
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

export function freeTcpPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function freeUdpPort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const {port} = socket.address()
      socket.close(() => resolve(port))
    })
  })
}
