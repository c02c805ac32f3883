/**
 * How the simulated server says no: a gRPC status code and the text the release at hand uses.
 *
 * Both listeners turn it into their own form (trailers, gateway JSON). It is no HeadscaleError: those are failures of
 * this program, this is an answer. Code numbers: google.golang.org/grpc/codes.
 */

/** gRPC status codes a headscale server answers with. */
export const Code = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unauthenticated: 16,
} as const

/** An answer that is an error. */
export class Refusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
  }
}

/**
 * The request that ends the server process on the real release. The listeners drop the connection without an answer,
 * and what only lived in the memory of the process (pending registrations) is gone, as after a restart.
 */
export class Crash extends Error {}

/** A refusal with code 2, which is what every plain Go error of the server becomes. */
export function refuse(message: string): Refusal {
  return new Refusal(Code.unknown, message)
}

/** A refusal with code 3. */
export function invalid(message: string): Refusal {
  return new Refusal(Code.invalidArgument, message)
}
