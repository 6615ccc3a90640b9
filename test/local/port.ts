/** Loopback ports: the wanted one where it is free, else the next that is, said aloud. */
import { createServer } from 'node:net'
import type { Progress } from './progress.ts'

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Ports that are tried beyond the wanted one before giving up. */
const TRIES = 50

export async function choosePort(
  wanted: number,
  what: string,
  { progress, taken = [] }: { readonly progress: Progress; readonly taken?: readonly number[] },
): Promise<number> {
  for (let port = wanted; port < wanted + TRIES; port++) {
    if (taken.includes(port) || !(await isFree(port))) continue
    if (port !== wanted) progress.note(`port ${wanted} is in use; ${what} takes ${port}`)
    return port
  }
  throw new Error(`no free port for ${what} between ${wanted} and ${wanted + TRIES - 1}; set another with --port`)
}
