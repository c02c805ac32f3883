/**
 * An error the simulated server answers with: a gRPC status code and the text of the simulated release.
 *
 * Both listeners turn it into their own form (trailers, gateway JSON). It is not a HeadscaleError: those are failures
 * of this program, this is an answer. Code numbers: google.golang.org/grpc/codes.
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
export class ServerError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'ServerError'
    this.code = code
  }
}

/**
 * A request that crashes the real server. The listeners drop the connection without an answer, and what only lived in
 * the memory of the process (pending registrations) is gone, as after a restart.
 */
export class ServerCrash extends Error {
  constructor() {
    super('the real server crashes on this request')
    this.name = 'ServerCrash'
  }
}

/** An error with code 2, which is what every plain Go error of the server becomes. */
export function serverError(message: string): ServerError {
  return new ServerError(Code.unknown, message)
}

/** An error with code 3. */
export function invalidArgument(message: string): ServerError {
  return new ServerError(Code.invalidArgument, message)
}
