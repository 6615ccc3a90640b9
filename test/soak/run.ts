/** `npm run soak [-- --pull-requests 500 --seed N --json]`: once without faults, once with them, and what differs. */
import { parseArgs } from 'node:util'
import { randomFrom } from '../fuzz/random.ts'
import { buildAll } from '../local/build.ts'
import { makePlan } from './plan.ts'
import { compare, soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    'pull-requests': { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const note = (text: string): void => void process.stderr.write(`  ${text}\n`)

await buildAll()
const plan = makePlan(Number(values['pull-requests']), randomFrom(seed))
note(`${plan.pulls.length} pull requests, ${plan.steps.length} steps, seed ${seed}`)
const clean = await soak(plan, { faults: null, goal: null, note })
note(`without faults: ${clean.seconds} s`)
const faulty = await soak(plan, { faults: seed + 1, goal: clean, note })
const { doubled, different } = compare(plan, clean, faulty)
const { outcomes: _, ...figures } = faulty
const result = {
  seed,
  pullRequests: plan.pulls.length,
  steps: plan.steps.length,
  ...figures,
  cleanSeconds: clean.seconds,
  cleanWrites: clean.requests.writes,
  doubled,
  different,
}
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)
process.exitCode = doubled.length + different.length + faulty.violations + clean.violations === 0 ? 0 : 1
