/** Joins lines to chunks that are large enough to write one by one, so that long output streams. */
export function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length > ENOUGH) {
      yield chunk
      chunk = ''
    }
  }
  yield chunk
}

const ENOUGH = 32_768
