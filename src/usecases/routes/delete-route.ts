import type {ControlApi} from '../../api/control-api.ts'
import type {Route} from '../../domain/route.ts'
import type {ChangePlan} from '../change-plan.ts'
import {routeDeletion} from './described-change.ts'

/** Deletes a route by its id on the server (0.21–0.25). @throws HeadscaleError (unsupported-by-server), (not-found) */
export async function planRouteDeletion(api: ControlApi, id: string): Promise<ChangePlan<Route>> {
  const route = await api.routes.deletable(id)
  return {
    changes: [routeDeletion(route)],
    apply: async () => {
      await api.routes.delete(route)
      return route
    },
  }
}
