import type {Change} from '../domain/change.ts'

/**
 * The first of the two steps of every changing command. Making a plan reads, resolves names and checks; only `apply`
 * writes. A plan is about one target, so that several targets can be several plans, applied one by one.
 */
export interface ChangePlan<Result> {
  /** What will change. Empty if nothing has to change. */
  changes: readonly Change[]
  /** The confirmation prompt; null or absent for a change that needs no confirmation. */
  question?: string | null
  /** Side effects of the change, one sentence each. */
  warnings?: readonly string[]
  /** Makes the changes. @returns the result of the command */
  apply(): Promise<Result>
  /** Makes changes that must wait until the result is printed, and are not made if it cannot be. */
  afterwards?(): Promise<void>
}
