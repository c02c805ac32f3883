/** LICENSES.txt: what `headscale-ts licenses` prints, for those who get a file and cannot run it. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {licensesOf} from '../build/licenses.ts'
import {executableBundle} from './executables.ts'
import type {Part} from './release.ts'

export const licensesPart: Part = {
  name: 'licenses',
  what: 'LICENSES.txt, of everything that the executables contain',
  needs: [],
  build: async ({folder}) =>
    writeFileSync(join(folder, 'LICENSES.txt'), licensesOf((await executableBundle()).packages)),
}
