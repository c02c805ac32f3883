/** SHA256SUMS, for `sha256sum --check`. */
import {readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {sha256} from './release.ts'

const NAME = 'SHA256SUMS'

/** Of every other file in the folder. */
export function writeChecksums(folder: string): void {
  const names = readdirSync(folder).filter((name) => name !== NAME)
  writeFileSync(
    join(folder, NAME),
    names
      .toSorted()
      .map((name) => `${sha256(join(folder, name))}  ${name}\n`)
      .join(''),
  )
}
