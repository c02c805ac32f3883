/**
 * Runs programs in turn and writes what each run took, as JSON. It runs under Bun, for one reason: Bun hands out what
 * the kernel counted for a finished child (wait4), in microseconds, children of the child included; Node does not, and
 * `time` in a shell rounds to a tenth of what one command takes. What is compared with what is not known here.
 *
 * Standard input is a `Plan`, standard output a `Sample[][]`: one list per program, in the plan's order.
 */

/** Programs to run `rounds` times each. */
export interface Plan {
  rounds: number
  programs: {command: string[]; env: Record<string, string | undefined>; cwd: string}[]
}

/** One run of one program. */
export interface Sample {
  /** User and system time of the process and of those it waited for, ms. */
  cpu: number
  /** Milliseconds from before the start to after the end. */
  wall: number
  /** Largest resident set, bytes. Never below that of this process, about 25 MiB: the kernel counts from the fork. */
  memory: number
}

declare const Bun: {
  stdin: {json(): Promise<unknown>}
  spawnSync(
    command: string[],
    options: object,
  ): {exitCode: number | null; stderr: {toString(): string}; resourceUsage: {cpuTime: {total: bigint}; maxRSS: number}}
}

function fail(why: string): never {
  console.error(why.trim())
  process.exit(1)
}

const {rounds, programs} = (await Bun.stdin.json()) as Plan
const samples: Sample[][] = programs.map(() => [])
// The first round fills caches and is thrown away. Every round begins with another program, so that none always
// comes after the same one.
for (let round = -1; round < rounds; round++) {
  for (let turn = 0; turn < programs.length; turn++) {
    const index = (turn + round + 1) % programs.length
    const {command, env, cwd} = programs[index]!
    const began = performance.now()
    const child = Bun.spawnSync(command, {env, cwd, stdin: 'ignore', stdout: 'ignore', stderr: 'pipe'})
    const wall = performance.now() - began
    if (child.exitCode !== 0) fail(`${command.join(' ')}: exit ${child.exitCode}: ${child.stderr}`)
    const {cpuTime, maxRSS} = child.resourceUsage
    if (round >= 0) samples[index]!.push({cpu: Number(cpuTime.total) / 1000, wall, memory: maxRSS})
  }
}
console.log(JSON.stringify(samples))
