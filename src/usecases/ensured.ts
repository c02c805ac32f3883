import type {ChangePlan} from './change-plan.ts'

/** The result of a command that makes something so, and does nothing if it is so already. */
export interface Ensured<T> {
  outcome: 'unchanged' | 'created' | 'updated'
  object: T
}

/** The plan for something that is so already: it changes nothing. */
export function unchanged<T>(object: T): ChangePlan<Ensured<T>> {
  return {changes: [], apply: async () => ({outcome: 'unchanged', object})}
}
