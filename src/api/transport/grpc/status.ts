/**
 * The status of a gRPC call: a code and a message, read from the trailers.
 *
 * A status is the server's own reply and is not translated here: detection needs the difference between codes 12 and
 * 13, and grpc-errors.ts turns a status into an error for the user. Errors below gRPC never become a GrpcStatus.
 */

/** The status codes. Numbers: google.golang.org/grpc/codes. */
export const CODE = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const

/** `NOT_FOUND`; `code 99` for a code without a name here. */
export function codeName(code: number): string {
  return Object.entries(CODE).find(([, each]) => each === code)?.[0] ?? `code ${code}`
}

/** The server answered a call with a status other than 0. */
export class GrpcStatus extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'GrpcStatus'
    this.code = code
  }
}

/**
 * Reads `grpc-status` and `grpc-message` from a header block.
 * @returns null if the status is missing or not a number; code 0 is a status too
 */
export function readStatus(headers: Record<string, unknown>): GrpcStatus | null {
  const code = String(headers['grpc-status'] ?? '')
  if (!/^\d{1,3}$/.test(code)) return null
  return new GrpcStatus(Number(code), decodeMessage(String(headers['grpc-message'] ?? '')))
}

/** Decodes the percent-encoding of `grpc-message`. Sequences that are not UTF-8 stay encoded. */
function decodeMessage(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}
