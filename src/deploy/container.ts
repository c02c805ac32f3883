/** One container, as `docker run` and a compose file describe it. */
import type {CommandPart} from './shell.ts'

export interface Container {
  /** Also the name of the compose service. Letters, digits, `_`, `.` and `-`. */
  name: string
  image: string
  /** Share the network of the host; `ports` then has no effect and is empty. */
  hostNetwork: boolean
  /** `HOST:CONTAINER`, with an address before it and `/udp` after it where needed. */
  ports: string[]
  /** `SOURCE:TARGET[:ro]`. A source that starts with `/` is a path of the host, any other a named volume. */
  volumes: string[]
  environment: [name: string, value: string][]
  /** `UID` or `UID:GID`; null for the user of the image. */
  user: string | null
  /** Replaces the program of the image; null keeps it. */
  entrypoint: string | null
  /** Arguments of the program; empty keeps those of the image. */
  command: CommandPart[]
}

/** The named volumes among the volumes of a container. */
export function namedVolumes({volumes}: Container): string[] {
  return volumes.filter((volume) => !volume.startsWith('/')).map((volume) => volume.slice(0, volume.indexOf(':')))
}
