import {describe, expect, test} from 'vitest'
import {parseDuration} from '../../src/domain/values/duration.ts'
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

  const form = 'write a number and a unit, for example 30m, 1h30m or 90d (units: y w d h m s ms)'
  test.for([
    ['', 'invalid duration ""', form],
    ['soon', 'invalid duration "soon"', form],
    ['1h ', 'invalid duration "1h "', form],
    ['1h 30m', 'invalid duration "1h 30m"', form],
    ['1H', 'invalid duration "1H"', form],
    ['+1h', 'invalid duration "+1h"', form],
    ['1h30', 'invalid duration "1h30"', form],
    ['.s', 'invalid duration ".s"', form],
    ['1e3s', 'invalid duration "1e3s"', form],
    ['10us', 'invalid duration "10us"', form],
    ['1month', 'invalid duration "1month"', form],
    ['1h\n', 'invalid duration "1h\\n"', form],
    ['x'.repeat(60), `invalid duration "${'x'.repeat(10)}…"`, form],
    ['30', 'invalid duration "30": it has no unit', 'add one: 30s is seconds, 30m minutes, 30h hours, 30d days'],
    ['1.5', 'invalid duration "1.5": it has no unit', 'add one: 30s is seconds, 30m minutes, 30h hours, 30d days'],
    ['-5m', 'invalid duration "-5m": it is negative', 'remove the sign'],
    [
      '30m1h',
      'invalid duration "30m1h": its units are out of order',
      'write the largest unit first and each once, for example 1h30m',
    ],
    [
      '1h1h',
      'invalid duration "1h1h": its units are out of order',
      'write the largest unit first and each once, for example 1h30m',
    ],
    ['293y', 'invalid duration "293y": it is too long', 'the maximum is 292y'],
    ['9223372036855ms', 'invalid duration "9223372036855ms": it is too long', 'the maximum is 292y'],
    [`${'9'.repeat(400)}h`, `invalid duration "${'9'.repeat(10)}…": it is too long`, 'the maximum is 292y'],
  ] as const)('%j is rejected', ([text, message, hint]) => {
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
