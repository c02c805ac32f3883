/** Lines for macOS and Windows, and steps for phones, in the order of headscale's own documentation. */
import {shellWord} from '../../deploy/shell.ts'
import {clientText, type JoinOptions} from './options.ts'
import {upWords} from './up.ts'

const MAC_PROGRAM = '/Applications/Tailscale.app/Contents/MacOS/Tailscale'

export function macosLines(options: JoinOptions): string[] {
  return [
    `# In Terminal, with ${clientText(options)} (for tailscaled from Homebrew, write sudo tailscale in place of the path):`,
    [MAC_PROGRAM, ...upWords(options, {asksForRoutes: false}).map(shellWord)].join(' '),
  ]
}

/** With a key nobody has to log in, so the client runs without a user as well. */
export function windowsLines(options: JoinOptions): string[] {
  const words = [...upWords(options, {asksForRoutes: false}), ...(options.authKey === null ? [] : ['--unattended'])]
  return [
    `# In PowerShell as administrator, with ${clientText(options)}; nothing is needed in the registry:`,
    ['tailscale', ...words.map(powerShellWord)].join(' '),
  ]
}

/** A word as PowerShell reads it: a comma makes a list of a word without quotes. */
function powerShellWord(word: string): string {
  return /^[A-Za-z0-9_./:=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "''")}'`
}

/** The server comes before the key: in the other order the app asks Tailscale's own service. */
export function androidLines(options: JoinOptions): string[] {
  const {serverUrl, authKey, exitNode} = options
  return numbered([
    `Install ${clientText(options)} from Google Play or F-Droid, and open it.`,
    'Open the settings (top right), then Accounts, then the menu with three dots: Use an alternate server.',
    `Enter ${serverUrl}`,
    ...(authKey === null
      ? ['Follow the page that opens.']
      : [
          'Close the page that opens. Open the menu with three dots again: Use an auth key.',
          `Enter ${authKey}`,
          'If the app still shows Log in, tap it.',
        ]),
    ...(exitNode ? ['On the main screen open Exit Node, and choose Run as exit node.'] : []),
  ])
}

export function iosLines(options: JoinOptions): string[] {
  return numbered([
    `Install ${clientText(options)} from the App Store, and open it.`,
    'Tap the account icon (top right), then Log in.',
    'Open the menu (top right), and choose Use custom coordination server.',
    `Enter ${options.serverUrl}`,
    'Log in, and follow the page that opens.',
  ])
}

function numbered(steps: readonly string[]): string[] {
  return steps.map((step, i) => `${i + 1}. ${step}`)
}
