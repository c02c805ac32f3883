/**
 * A shell script that puts the files of a rendered tree in place: the user, folders with their owners, units.
 *
 * It can run any number of times, prints each command before it runs it, and with --dry-run only prints. Files that are
 * the same are left alone, so that a second run restarts nothing.
 */
import {dirname} from 'node:path'
import {shellWord} from '../../deploy/shell.ts'

interface Installed {
  path: string
  mode: string
  group: string
}

/** @param paths of the tree, from the root of the server; what is in /etc/headscale is for the group of headscale */
export function installScript(paths: readonly string[]): string {
  const files = paths.map((path): Installed => {
    const isOurs = path.startsWith('etc/headscale/')
    return {path, mode: isOurs ? '640' : path.includes('/sbin/') ? '755' : '644', group: isOurs ? 'headscale' : 'root'}
  })
  const folders = [...new Set(paths.map((path) => dirname(path)))].filter((folder) => folder !== 'etc/headscale')
  const hasTimer = paths.some((path) => path.endsWith('headscale-backup.timer'))
  return `#!/bin/sh
# Installs the files beside this script. Run it as root: sh install.sh [--dry-run]
set -eu
from=$(cd "$(dirname "$0")" && pwd)
dry=false
if [ "\${1:-}" = --dry-run ]; then dry=true; fi
changed=false

run() {
  echo "+ $*"
  if [ "$dry" = false ]; then "$@"; fi
}

# place PATH MODE GROUP: copies a file unless the same is there, and sets its owner and mode.
place() {
  if [ ! "$from/$1" -ef "/$1" ] && ! cmp -s "$from/$1" "/$1"; then
    run install -o root -g "$3" -m "$2" "$from/$1" "/$1"
    changed=true
  elif [ "$(stat -c '%U %G %a' "/$1")" != "root $3 $2" ]; then
    run chown "root:$3" "/$1"
    run chmod "$2" "/$1"
  fi
}

# folder PATH OWNER MODE GROUP: makes a folder, or sets its owner and mode.
folder() {
  if [ "$(stat -c '%U %G %a' "$1" 2>/dev/null)" != "$2 $4 $3" ]; then run install -d -o "$2" -g "$4" -m "$3" "$1"; fi
}

if [ ! -x /usr/bin/headscale ]; then
  echo "/usr/bin/headscale is missing: install headscale first" >&2
  if [ "$dry" = false ]; then exit 1; fi
fi
if ! getent group headscale >/dev/null; then run groupadd --system headscale; fi
if ! getent passwd headscale >/dev/null; then
  run useradd --system --gid headscale --home-dir /var/lib/headscale --shell /usr/sbin/nologin headscale
fi
folder /etc/headscale root 750 headscale
folder /var/lib/headscale headscale 750 headscale
${folders.map((path) => `[ -d ${shellWord(`/${path}`)} ] || run install -d -m 755 ${shellWord(`/${path}`)}`).join('\n')}
${files.map(({path, mode, group}) => `place ${shellWord(path)} ${mode} ${group}`).join('\n')}
if ! systemctl is-enabled --quiet headscale.service 2>/dev/null; then changed=true; fi
if [ "$changed" = true ]; then
  run systemctl daemon-reload
  run systemctl enable headscale.service${hasTimer ? ' headscale-backup.timer' : ''}
  run systemctl restart headscale.service${hasTimer ? ' headscale-backup.timer' : ''}
fi
`
}
