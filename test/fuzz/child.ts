/** Makes attempts in a process of its own, so that one that hangs or crashes can be seen from outside. */
import type { Told } from './target.ts'
import { targets } from './targets.ts'

const [name = '', first = 0, count = 0] = process.argv
  .slice(2)
  .map((word, index) => (index === 0 ? word : Number(word)))
const target = targets[String(name)]
if (target === undefined) throw new Error(`there is no target named ${name}`)

const tell = (told: Told): void => {
  process.send?.(told)
}

for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  tell({ seed, attempt: null })
  const attempt = target.attempt(seed)
  tell({ seed, attempt: { ...attempt, material: attempt.problem === null ? '' : attempt.material } })
}
