/**
 * A backup every night: the database as one consistent copy, taken while headscale runs, the keys, and /etc/headscale.
 *
 * `sqlite3 .backup` copies a database that is in use; copying the file would miss what is in its write-ahead log.
 */
import {unitFile} from '../../deploy/systemd.ts'

/** Where archives are, and the backups before an upgrade. */
export const BACKUP_FOLDER = '/var/backups/headscale'

/** How many archives are kept. */
const KEPT = 14

export const BACKUP_SCRIPT = `#!/bin/sh
# Writes an archive of headscale's database, keys, configuration and policy to ${BACKUP_FOLDER}. Run it as root; it needs sqlite3.
#
# Restore an archive on a machine where headscale is installed, with ARCHIVE for its path:
#   systemctl stop headscale
#   rm -f /var/lib/headscale/db.sqlite-wal /var/lib/headscale/db.sqlite-shm
#   tar -xzpf ARCHIVE -C /
#   chown -R headscale:headscale /var/lib/headscale
#   systemctl start headscale
set -eu
umask 077
target=\${1:-${BACKUP_FOLDER}}
mkdir -p "$target"
work=$(mktemp -d "$target/.new-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/etc/headscale" "$work/var/lib/headscale"
sqlite3 /var/lib/headscale/db.sqlite ".timeout 30000" ".backup '$work/var/lib/headscale/db.sqlite'"
for key in /var/lib/headscale/*.key; do
  if [ -e "$key" ]; then cp -p "$key" "$work/var/lib/headscale/"; fi
done
cp -pR /etc/headscale/. "$work/etc/headscale/"
name=headscale-$(date -u +%Y%m%dT%H%M%SZ).tar.gz
tar -czf "$work/archive" -C "$work" etc var
mv "$work/archive" "$target/$name"
echo "wrote $target/$name"
# The newest ${KEPT} stay.
ls -1 "$target" | grep '^headscale-.*\\.tar\\.gz$' | sort -r | tail -n +${KEPT + 1} | while read -r old; do
  rm -f "$target/$old"
done
`

export const BACKUP_SERVICE = `${unitFile([
  ['Unit', [['Description', 'Backup of headscale']]],
  [
    'Service',
    [
      ['Type', 'oneshot'],
      ['ExecStart', '/usr/local/sbin/headscale-backup'],
      ['Nice', '10'],
      ['PrivateTmp', 'yes'],
      ['PrivateNetwork', 'yes'],
      ['ProtectHome', 'yes'],
      ['NoNewPrivileges', 'yes'],
    ],
  ],
]).join('\n')}\n`

export const BACKUP_TIMER = `${unitFile([
  ['Unit', [['Description', 'Backup of headscale every night']]],
  [
    'Timer',
    [
      ['OnCalendar', '*-*-* 03:00:00'],
      ['RandomizedDelaySec', '30m'],
      ['Persistent', 'yes'],
    ],
  ],
  ['Install', [['WantedBy', 'timers.target']]],
]).join('\n')}\n`
