/** Whether the server works. Before 0.27 there is no such call; listing the API keys shows that its database works. */
import type {Dialect} from './shared/dialect.ts'

export function healthDialect({group, call}: Dialect): () => Promise<boolean> {
  return async () => {
    if (group.operations.has('Health')) {
      return (await call<{databaseConnectivity?: boolean | null}>('Health', {})).databaseConnectivity ?? false
    }
    await call('ListApiKeys', {})
    return true
  }
}
