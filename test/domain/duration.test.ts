import {describe, expect, test} from 'vitest'
import {parseDuration} from '../../src/domain/duration.ts'
import {HeadscaleError} from '../../src/errors.ts'

describe('parseDuration', () => {
  test.for([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['2.s', 2_000],
    ['1.1h', 3_960_000],
    ['1.6ms', 2],
    ['1m500ms', 60_500],
    ['24h', 86_400_000],
    ['1d', 86_400_000],
    ['90d', 7_776_000_000],
    ['2w', 1_209_600_000],
    ['1y', 31_536_000_000],
    ['1y1w1d1h1m1s1ms', 32_230_861_001],
    ['292y', 9_208_512_000_000],
    ['9223372036854ms', 9_223_372_036_854],
  ] as const)('%s is %d ms', ([text, ms]) => {
    expect(parseDuration(text)).toBe(ms)
  })

  const form = 'write a number and a unit, as in 30m, 1h30m or 90d (units: y w d h m s ms)'
  test.for([
    ['', '"" is not a duration', form],
    ['soon', '"soon" is not a duration', form],
    ['1h ', '"1h " is not a duration', form],
    ['1h 30m', '"1h 30m" is not a duration', form],
    ['1H', '"1H" is not a duration', form],
    ['+1h', '"+1h" is not a duration', form],
    ['1h30', '"1h30" is not a duration', form],
    ['.s', '".s" is not a duration', form],
    ['1e3s', '"1e3s" is not a duration', form],
    ['10us', '"10us" is not a duration', form],
    ['1month', '"1month" is not a duration', form],
    ['1h\n', '"1h\\n" is not a duration', form],
    ['x'.repeat(60), `"${'x'.repeat(40)}…" is not a duration`, form],
    ['30', '"30" has no unit', 'add one: 30s is seconds, 30m minutes, 30h hours, 30d days'],
    ['1.5', '"1.5" has no unit', 'add one: 30s is seconds, 30m minutes, 30h hours, 30d days'],
    ['-5m', '"-5m" is negative', 'leave out the sign: a duration counts from now'],
    ['30m1h', '"30m1h" has its units out of order', 'the largest unit first, each once, as in 1h30m'],
    ['1h1h', '"1h1h" has its units out of order', 'the largest unit first, each once, as in 1h30m'],
    ['293y', '"293y" is too long', 'the longest duration is 292y'],
    ['9223372036855ms', '"9223372036855ms" is too long', 'the longest duration is 292y'],
    [`${'9'.repeat(400)}h`, `"${'9'.repeat(40)}…" is too long`, 'the longest duration is 292y'],
  ] as const)('%j is refused', ([text, message, hint]) => {
    let error: unknown
    try {
      parseDuration(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(HeadscaleError)
    expect(error).toMatchObject({code: 'usage', message, hint})
  })
})
