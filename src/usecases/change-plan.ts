import type {Change} from '../domain/change.ts'

/**
 * The first of the two steps of every changing command. Making a plan reads, resolves names and checks; only `apply`
 * writes. A plan is about one target, so that several targets can be several plans, applied one by one.
 */
export interface ChangePlan<Result> {
  /** What will change. Empty when everything is as requested already. */
  changes: readonly Change[]
  /** Asked before the change is made; nothing for a change that needs no confirmation. */
  question?: string | null
  /** What is lost beside the object itself, one sentence each. */
  warnings?: readonly string[]
  /** Makes the changes. @returns the answer of the command */
  apply(): Promise<Result>
}
