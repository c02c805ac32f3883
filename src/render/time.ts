/** Times as tables show them. */

/** `2022-03-20 09:08:58` in UTC, as headscale's own tables; empty when there is none. */
export function tableTime(time: Date | null): string {
  return time === null ? '' : time.toISOString().slice(0, 19).replace('T', ' ')
}
