/** A proxy in front of a REST server that holds up or cuts off one request: by default the first change of the policy. */
import {createServer, request} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface PolicyProxy {
  url: string
  close(): void
}

/**
 * @param steps.before called before the server gets the new policy; @param steps.after when it has answered. The
 * connection of the client is closed where one returns false; @param steps.is whether a request is the one, of those the first
 */
export async function policyProxy(
  url: string,
  {
    before = async () => true,
    after = async () => true,
    is = (method) => method === 'PUT',
  }: {before?(): Promise<boolean>; after?(): Promise<boolean>; is?(method: string, path: string): boolean},
): Promise<PolicyProxy> {
  let isFirst = true
  const proxy = createServer(async (from, to) => {
    const {method = 'GET', headers, url: path = '/'} = from
    const isChange = is(method, path) && isFirst
    if (isChange) isFirst = false
    to.on('error', () => {})
    if (isChange && !(await before())) return void to.destroy()
    const forwarded = request(new URL(path, url), {method, headers}, async (reply) => {
      if (isChange && !(await after())) return void to.destroy()
      to.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(to)
    })
    from.pipe(forwarded)
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  const {port} = proxy.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      proxy.close()
      proxy.closeAllConnections()
    },
  }
}
