/**
 * The URL where derper asks headscale about clients.
 *
 * derper accepts any text. Without a scheme every request fails, which derper by default treats as permission for
 * everybody; with another path headscale answers 404 or 405, and everybody is rejected. So the URL is checked here.
 */
import {usageError} from '../../errors.ts'

const PATH = '/verify'

/**
 * Checks the URL.
 *
 * @returns it as given
 * @throws a usage error that shows the right form
 */
export function verifyUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHttp = /^https?:\/\/[^/?#\s]/i.test(text)
  if (url !== null && isHttp && (url.username !== '' || url.password !== '')) {
    throw usageError(
      'invalid --verify-client-url: it has a user name or password, which every user of the relay could read',
      'headscale answers /verify without them',
    )
  }
  if (
    url !== null &&
    isHttp &&
    url.pathname.endsWith(PATH) &&
    url.search === '' &&
    url.hash === '' &&
    !/[?#\s]/.test(text)
  ) {
    return text
  }
  throw usageError(`invalid --verify-client-url "${text}"`, `write it as ${suggestion(text)}`)
}

function suggestion(text: string): string {
  const hostAndPath = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/^.*@/, '')
    .replace(/[?#].*$/, '')
  const [host = '', ...path] = hostAndPath.split('/')
  if (!/^[a-z0-9.:[\]_-]+$/i.test(host)) return `https://HEADSCALE${PATH}`
  const scheme = /^http:\/\//i.test(text.trim()) ? 'http' : 'https'
  const folder = path.filter((part) => part !== '' && part !== 'verify')
  return `${scheme}://${[host, ...folder].join('/')}${PATH}`
}
