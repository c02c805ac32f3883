/** The Containerfile, which builds the image from the executables beside it. */
import {copyFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Part, ROOT} from './release.ts'

export const containerPart: Part = {
  name: 'container',
  what: 'Containerfile, for an image of the Linux executables',
  needs: ['linux-x64', 'linux-arm64'],
  build: ({folder}) => copyFileSync(join(ROOT, 'packaging/Containerfile'), join(folder, 'Containerfile')),
}
