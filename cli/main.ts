/** Entry of the program behind the launcher `cli/stemma`. */
import './node-20.ts'
import { run } from './program.ts'

// Who read our words may stop reading, as `| head` does: what was begun is still done, without telling.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (problem: NodeJS.ErrnoException) => {
    if (problem.code !== 'EPIPE') throw problem
  })
}

process.exitCode = await run(process.argv.slice(2))
