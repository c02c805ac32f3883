/** Malicious or damaged input: a clear error, in bounded time and memory. */
import {truncate, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {readSource} from '../../src/derp/read/read.ts'
import {BASE} from './cases.ts'
import {derp, folderWith, serve} from './support.ts'

const MIB = 1024 * 1024
const repeat = (text: string, bytes: number) => text.repeat(Math.floor(bytes / text.length))

/** Lines of aliases; each line has ten times the values of the one before. */
const LAUGHS = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${Array.from({length: 12}, (_, i) => {
  const [now, before] = [String.fromCharCode(98 + i), String.fromCharCode(97 + i)]
  return `${now}: &${now} [${Array(10).fill(`*${before}`).join(', ')}]\n`
}).join('')}regions: {900: {regionid: 900, nodes: *m}}\n`
const NODE = '{name: 900a, regionid: 900, hostname: a.example.com}'
const squared = (count: number) =>
  `nodes: &n [${Array(count).fill(NODE).join(', ')}]\nregions:\n${Array.from({length: count}, (_, i) => `  ${i + 1}: {regionid: ${i + 1}, nodes: *n}\n`).join('')}`
const merges = (count: number) =>
  `a: &a {${Array.from({length: 5000}, (_, i) => `k${i}: 1`).join(', ')}}\nb: {<<: [${Array(count).fill('*a').join(', ')}]}\n`

/** A file, and the text that the first line of the output must contain. */
const TEXTS: [name: string, file: string, text: string, says: RegExp][] = [
  ['1 MiB of [', 'derp.yaml', repeat('[', MIB), /more than 200 levels deep/],
  ['1 MiB of {a: ', 'derp.yaml', repeat('{a: ', MIB), /more than 200 levels deep/],
  ['1 MiB of "- "', 'derp.yaml', repeat('- ', MIB), /more than 200 levels deep/],
  ['1 MiB of "? "', 'derp.yaml', repeat('? ', MIB), /more than 200 levels deep/],
  [
    'steps 1,000 deep',
    'derp.yaml',
    Array.from({length: 1000}, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    /more than 200 levels deep/,
  ],
  ['1 MiB of [ in JSON', 'derp.json', repeat('[', MIB), /more than 200 levels deep/],
  ['1 MiB of {"a": in JSON', 'derp.json', repeat('{"a":', MIB), /more than 200 levels deep/],
  ['aliases of aliases', 'derp.yaml', LAUGHS, /more than 5000000 values/],
  ['one list in 200 regions', 'derp.yaml', squared(200), /more than 100000 values/],
  ['one list in 2,000 regions', 'derp.yaml', squared(2000), /more than 5000000 values/],
  ['merge keys', 'derp.yaml', merges(5), /more than 10000 keys from <</],
  ['5,000 merge keys', 'derp.yaml', merges(5000), /more than 5000000 values/],
  ['1 MiB of commas', 'derp.yaml', `[${repeat(',', MIB - 2)}]`, /more than 500000 tokens/],
  ['an anchor in itself', 'derp.yaml', 'regions: &a\n  900: *a\n', /contains itself/],
  ['an unknown anchor', 'derp.yaml', 'regions: *a\n', /[Uu]n(known|resolved)/],
  ['a number of a million digits', 'derp.yaml', BASE.replace('12345', '9'.repeat(900_000)), /derpport is '9999/],
  ['a key of a million digits', 'derp.json', `{"Regions": {"${'9'.repeat(900_000)}": {}}}`, /is '9999/],
  ['a string without end', 'derp.json', `{"Regions": "${'a'.repeat(900_000)}`, /does not end/],
  ['NUL bytes', 'derp.yaml', '\0'.repeat(1000), /derp.yaml/],
  [
    '50,000 unknown keys',
    'derp.yaml',
    Array.from({length: 50_000}, (_, i) => `k${i}: 1\n`).join(''),
    /empty-map|unknown-key/,
  ],
  [
    'a name with an escape',
    'derp.yaml',
    BASE.replace('regionname: n', 'regionname: "\\e[2J"').replace('derp.example.com', '"\\e[2J"'),
    /\\x1b\[2J/,
  ],
]

describe('texts', () => {
  test.each(TEXTS)('%s', async (_, file, text, says) => {
    const cwd = await folderWith({[file]: text})
    const before = process.memoryUsage().rss
    const started = process.cpuUsage()
    const {status, stdout, stderr} = await derp(cwd, 'validate', file)
    const {user, system} = process.cpuUsage(started)
    expect(stdout + stderr).toMatch(says)
    expect(stdout + stderr).not.toMatch(/internal error|\u001b/)
    expect(status).toBe(6)
    // CPU time, because the elapsed time depends on the load of the machine.
    expect((user + system) / 1e6).toBeLessThan(10)
    expect(process.memoryUsage().rss - before).toBeLessThan(700 * MIB)
    expect(stdout.length).toBeLessThan(MIB)
  })

  test('the commands that use a map survive the same texts', async () => {
    for (const [, file, text] of TEXTS) {
      const cwd = await folderWith({[file]: text})
      const {status, stderr} = await derp(cwd, 'show', file)
      expect(stderr).not.toMatch(/internal error/)
      expect([0, 6]).toContain(status)
    }
  })
})

test('a file of 50 MB', async () => {
  const cwd = await folderWith({'derp.yaml': ''})
  await writeFile(join(cwd, 'derp.yaml'), BASE)
  await truncate(join(cwd, 'derp.yaml'), 50 * MIB)
  expect(await derp(cwd, 'validate', 'derp.yaml')).toEqual({
    status: 6,
    stdout: '',
    stderr: 'error: derp.yaml is larger than 1 MiB\nhint: no map, key or certificate is that large; check the name\n',
  })
})

test('an endless device', async () => {
  const {status, stderr} = await derp(await folderWith({}), 'validate', '/dev/zero')
  expect({status, stderr}).toEqual({
    status: 6,
    stderr: 'error: /dev/zero is larger than 1 MiB\nhint: no map, key or certificate is that large; check the name\n',
  })
})

test('bytes that are not text', async () => {
  const cwd = await folderWith({})
  await writeFile(join(cwd, 'derp.yaml'), Buffer.from([0x72, 0xff, 0xfe, 0x80]))
  expect((await derp(cwd, 'validate', 'derp.yaml')).stderr).toBe(
    'error: derp.yaml is not UTF-8 text\nhint: save it as UTF-8\n',
  )
})

describe('URLs', () => {
  test('an endless stream', async () => {
    const {url, close} = await serve((_, response) => {
      const chunk = Buffer.alloc(65_536, 0x20)
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    })
    const {status, stderr} = await derp(await folderWith({}), 'validate', url)
    close()
    expect({status, stderr: stderr.split('\n')[0]}).toEqual({status: 6, stderr: `error: ${url} is larger than 1 MiB`})
  })

  test.each([
    ['a server that never answers', 0],
    ['a server that sends very slowly', 20],
  ])('%s', async (_name, every) => {
    const timers: NodeJS.Timeout[] = []
    const {url, close} = await serve((_, response) => {
      if (every > 0) timers.push(setInterval(() => response.write(' '), every))
    })
    const started = performance.now()
    await expect(readSource(url, {timeout: 500})).rejects.toMatchObject({
      code: 'timeout',
      message: `timed out after 0.5 s: ${url}`,
    })
    expect(performance.now() - started).toBeLessThan(5000)
    timers.forEach(clearInterval)
    close()
  })

  test('endless redirects', async () => {
    const {url, close} = await serve((_, response) => response.writeHead(302, {location: '/again'}).end())
    const started = performance.now()
    const {status} = await derp(await folderWith({}), 'validate', url)
    close()
    expect([6, 7]).toContain(status)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('a decompression bomb is rejected', async () => {
    const {gzipSync} = await import('node:zlib')
    const {url, close} = await serve((_, response) =>
      response.writeHead(200, {'content-encoding': 'gzip'}).end(gzipSync(Buffer.alloc(20 * MIB, 0x20))),
    )
    const {status, stderr, stdout} = await derp(await folderWith({}), 'validate', url)
    close()
    expect(stderr + stdout).not.toMatch(/internal error/)
    expect(status).toBe(6)
  })
})
