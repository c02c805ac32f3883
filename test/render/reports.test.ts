/** Complete reports of one object, which fit a terminal of 80 columns. */
import {describe, expect, test} from 'vitest'
import {keyValueLines} from '../../src/render/report/key-values.ts'
import {nodeReport} from '../../src/render/report/node.ts'
import {GUIDE, NOW, ODD, TODAY} from './values.ts'

const CLIENT = {
  os: 'linux',
  osVersion: 'debian 12.11',
  version: '1.80.2-t1a2b3c4d5-g6e7f8a9b0',
  endpoints: ['192.0.2.10:41641', '198.51.100.7:41641', '[2001:db8::1]:41641'],
}

describe('nodes show', () => {
  test.for([
    ['node-0.15', GUIDE[0]!, 'namespace', 'needs headscale 0.27.0 or later; the server is 0.15'],
    ['node-user', {...TODAY[0]!, client: CLIENT}, 'user', null],
    ['node-tagged', TODAY[1]!, 'user', 'pass --metrics-address, or the config file with -c'],
  ] as const)('%s', async ([name, node, ownerWord, unknownClient]) => {
    const report = nodeReport(node, {ownerWord, now: NOW, unknownClient})
    await expect(report).toMatchFileSnapshot(`../golden/reports/${name}.txt`)
    expect(Math.max(...report.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('contains no terminal control characters', () => {
    for (const node of ODD) {
      const report = nodeReport(node, {ownerWord: 'user', now: NOW, unknownClient: null})
      expect(report.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
    }
  })
})

test('a list that is too long for one line takes one line for each value', () => {
  const prefixes = ['fd7a:115c:a1e0:b1a:0:1::/96', '192.168.100.0/24', 'fd7a:115c:a1e0:b1a:0:2::/96']
  expect(
    keyValueLines([
      ['ID', '1'],
      ['Routes', prefixes],
      ['Tags', []],
    ]),
  ).toBe(`ID:      1\nRoutes:  ${prefixes.join('\n         ')}\nTags:    -\n`)
})
