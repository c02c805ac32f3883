/**
 * A compose file that runs headscale with the files of the host.
 *
 * The container shares the network of the host, so that the addresses of the config file mean the same inside: metrics
 * stay on this machine, and a proxy on it is trusted by its loopback address.
 */
import {composeFile} from '../../deploy/compose.ts'
import {usageError} from '../../errors.ts'
import type {Answers} from './answers.ts'

/** @throws a usage error where the image has no name that is certain */
export function composeText({rules}: Answers, image: string | null): string {
  if (image === null && rules.flatKeys && !/^0\.\d+\.\d+$/.test(rules.release)) {
    throw usageError(
      `no image of headscale ${rules.release} is known`,
      'give the whole release, such as 0.22.3, or --image',
    )
  }
  const lines = composeFile([
    {
      name: 'headscale',
      image: image ?? `docker.io/headscale/headscale:${rules.release.replace(/-.*$/, '')}`,
      hostNetwork: true,
      ports: [],
      volumes: [
        '/etc/headscale:/etc/headscale:ro',
        '/var/lib/headscale:/var/lib/headscale',
        '/var/run/headscale:/var/run/headscale',
      ],
      environment: [],
      user: null,
      entrypoint: null,
      // The program is the entry point of the image from 0.23 on.
      command: rules.flatKeys ? ['headscale', 'serve'] : ['serve'],
    },
  ])
  return `${lines.join('\n')}\n`
}
