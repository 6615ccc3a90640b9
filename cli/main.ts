/** Entry of the program behind the launcher `cli/stemma`. */
import './node-20.ts'
import { run } from './program.ts'

process.exitCode = await run(process.argv.slice(2))
