/** The lines to type, or the steps to follow, on a new node: one function for each platform. */
import {androidLines, iosLines, macosLines, windowsLines} from './apps.ts'
import {dockerLines} from './docker.ts'
import {isRouter, type JoinOptions, type Platform} from './options.ts'
import {linuxLines, openwrtLines, qnapLines, synologyLines} from './unix.ts'
import {shellWord} from '../../deploy/shell.ts'

const LINES: Readonly<Record<Platform, (options: JoinOptions) => string[]>> = {
  linux: linuxLines,
  docker: dockerLines,
  openwrt: openwrtLines,
  synology: synologyLines,
  qnap: qnapLines,
  macos: macosLines,
  windows: windowsLines,
  android: androidLines,
  ios: iosLines,
}

/** Lines without line breaks. For everything but phones they are a script: all else is a comment. */
export function joinLines(platform: Platform, options: JoinOptions): string[] {
  return LINES[platform](options)
}

/** A command for the administrator, after the node has run its lines. */
export interface NextStep {
  /** When to run it and why, as the start of a sentence. */
  when: string
  /** `NODE`, `USER` and `KEY` stand for what is not known yet. */
  command: string
}

/** @param registers the command that registers a node on this release: `auth register` from 0.29 on */
export function nextSteps(
  {authKey, hostname, subnets, exitNode}: JoinOptions,
  {registers}: {registers: 'auth register' | 'nodes register'},
): NextStep[] {
  const node = shellWord(hostname ?? 'NODE')
  const key = registers === 'auth register' ? '--auth-id KEY' : '--key KEY'
  return [
    ...(authKey === null
      ? [
          {
            when: 'the node shows the address of a page: log in there, or register the key that it shows',
            command: `headscale-ts ${registers} --user USER ${key}`,
          },
        ]
      : []),
    ...(isRouter({subnets, exitNode})
      ? [
          {
            when: 'once the node is there, enable its routes, unless autoApprovers in the policy do',
            command: `headscale-ts routes enable -i ${node}${subnets.length > 0 ? ` -r ${subnets.join(',')}` : ''}${exitNode ? ' --exit-node' : ''}`,
          },
        ]
      : []),
  ]
}
