/** The files that the program reads and writes, for `help files` and the man page. */

export interface FileGroup {
  heading: string
  /** A sentence before the files. */
  intro: string
  files: readonly (readonly [name: string, meaning: string])[]
  /** Sentences after the files. */
  notes?: string
}

export const FILES: readonly FileGroup[] = [
  {
    heading: 'CONFIGURATION',
    intro: 'The first of these is read, unless flags or variables name the server:',
    files: [
      ['/etc/headscale/config.yaml', 'of the packages of headscale'],
      ['~/.headscale/config.yaml', 'in the home directory'],
      ['./config.yaml', 'in the current directory'],
    ],
    notes:
      'In each place config.yml and config.json are found too. Only cli.address, cli.api_key, cli.insecure, cli.timeout, ' +
      'unix_socket and server_url are read, and by derp commands the section derp and the maps that it names; setup check and doctor read the whole file. An API key ' +
      'from elsewhere is sent to an address in such a file only if the file was named with -c or HEADSCALE_CONFIG. doctor also ' +
      'tries it at listen_addr on this machine, unless the file is in the current directory.',
  },
  {
    heading: 'SOCKETS',
    intro: 'Used if nothing names a server:',
    files: [
      ['/var/run/headscale/headscale.sock', 'of headscale since 0.22.2'],
      ['/var/run/headscale.sock', 'of headscale before'],
    ],
    notes: 'Using a socket needs write permission for it.',
  },
  {
    heading: 'KEYS AND CERTIFICATES',
    intro: 'Read, and never changed:',
    files: [
      ['--api-key-file FILE', 'the API key alone; a warning says if other users can read it'],
      ['--ca-file FILE', 'certificates in PEM format'],
    ],
  },
  {
    heading: 'CACHE',
    intro: 'Below $XDG_CACHE_HOME, otherwise ~/.cache, in folders with mode 0700:',
    files: [
      ['headscale-ts/detected', 'the release of each server, for an hour (socket) or a minute (address)'],
      ['headscale-ts/locks', 'locks of commands that change the routes of a node'],
      ['headscale-ts/compiled', 'compiled code; not used by the standalone executable'],
    ],
    notes:
      'They contain no keys and can be deleted at any time. Where another user could replace these folders, nothing is kept.',
  },
  {
    heading: 'STATE',
    intro: 'Below $XDG_STATE_HOME, otherwise ~/.local/state; files with mode 0600:',
    files: [
      ['headscale-ts/policies', 'policies that were replaced, the last 30 of each server (policy history)'],
      ['headscale-ts/drafts', 'policies of policy edit that were not applied, for half a year'],
    ],
    notes: 'Where another user could replace these folders, nothing is kept. All other state is on the server.',
  },
  {
    heading: 'RESULTS',
    intro: 'Written only if a flag names them:',
    files: [
      ['--output-file FILE', 'of commands that create keys: a new file with mode 0600'],
      ['--output-file FILE', 'of dns render and metrics: replaced atomically; its mode stays, or is 0644'],
      ['export FILE', 'a new file with mode 0600; an existing one only after a question or with --force'],
      ['--dir DIR', 'of derp cert: NAME.crt with mode 0644, NAME.key with mode 0600'],
    ],
  },
  {
    heading: 'SANDBOX',
    intro: 'Removed at the end:',
    files: [
      ['$TMPDIR/headscale-ts-*', 'of sandbox run: socket and configuration file, in a folder with mode 0700'],
      ['--socket PATH', 'of sandbox start: the socket, with mode 0700'],
    ],
  },
]
