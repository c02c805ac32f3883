/** Tags and times in user input. */
import {describe, expect, test} from 'vitest'
import {checkTag} from '../../src/domain/values/tag.ts'
import {parseTime} from '../../src/domain/values/time.ts'

describe('a tag', () => {
  test.for(['tag:server', 'tag:a', 'tag:prod-1', 'tag:tag:x'])('%j is valid', (tag) => {
    expect(checkTag(tag)).toBe(tag)
  })
  test.for([
    ['server', 'it must start with tag:'],
    ['Tag:server', 'it must start with tag:'],
    ['tag:', 'nothing follows tag:'],
    ['tag:Server', 'it has upper-case letters'],
    ['tag:a b', 'it has white space'],
  ] as const)('may not be %j', ([tag, reason]) => {
    expect(() => checkTag(tag)).toThrow(
      expect.objectContaining({code: 'usage', message: `invalid tag ${JSON.stringify(tag)}: ${reason}`}),
    )
  })
})

describe('a time', () => {
  test.for([
    ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31t12:00:00z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31 12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31T12:00:00.25+08:00', '2027-01-31T04:00:00.250Z'],
    ['2028-02-29T00:30:00+01:00', '2028-02-28T23:30:00.000Z'],
  ] as const)('%j is %s', ([text, time]) => {
    expect(parseTime(text).toISOString()).toBe(time)
  })
  test.for([
    'tomorrow',
    '2027-01-31',
    '2027-01-31T12:00:00',
    '2027-02-29T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-31T25:00:00Z',
    '2027-1-31T12:00:00Z',
    '1800000000',
    '',
  ])('%j is none', (text) => {
    expect(() => parseTime(text)).toThrow(
      expect.objectContaining({code: 'usage', message: `invalid time ${JSON.stringify(text)}`}),
    )
  })
})
