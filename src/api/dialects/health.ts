/** Whether the server works. Before 0.27 it has no such call: then a list that needs its database answers for it. */
import type {Dialect} from './dialect.ts'

export function healthDialect({group, call}: Dialect): () => Promise<boolean> {
  return async () => {
    if (group.operations.has('Health')) {
      return (await call<{databaseConnectivity?: boolean | null}>('Health', {})).databaseConnectivity ?? false
    }
    await call('ListApiKeys', {})
    return true
  }
}
