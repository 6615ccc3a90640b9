/** Whether what hooks see and pushes make can be kept: the local state, and the person's own folder with their keys. */
import { existsSync } from 'node:fs'
import type { Context } from '../context.ts'
import { readAllDeviceKeys } from '../io/keys.ts'
import type { Repository } from '../io/repository.ts'
import { mayWrite, tryToWrite } from '../io/storage.ts'
import { type Finding, failed, ok, warning } from './finding.ts'

/** Some hundred sessions of an agent. */
const LITTLE_BYTES = 64 * 1024 * 1024

export async function checkState({ stateDirectory }: Pick<Repository, 'stateDirectory'>): Promise<Finding> {
  const name = 'local state'
  // Where it is not there yet nothing is made: hooks take the folder for a repository that is set up.
  const room = existsSync(stateDirectory) ? await tryToWrite(stateDirectory) : await mayWrite(stateDirectory)
  if (room.kind === 'refused') {
    const detail = `${stateDirectory} cannot be written: ${room.words}; what the hooks see meanwhile is lost`
    const fixes = {
      full: `free some space: df -h ${stateDirectory}`,
      forbidden: `chmod u+rwx ${stateDirectory}`,
      other: `ls -ld ${stateDirectory}   and make it a folder that you can write`,
    }
    return failed(name, detail, fixes[room.why])
  }
  if (room.free !== null && room.free < LITTLE_BYTES) {
    const detail = `can be written, and its disk has ${Math.floor(room.free / 1_000_000)} MB left`
    return warning(name, detail, `free some space: df -h ${stateDirectory}`)
  }
  return ok(name, 'can be written')
}

/** Without a key nothing is signed; with one, only what makes the next push faster is not kept. */
export async function checkOwnFolder({ configurationFolder }: Context): Promise<Finding> {
  const name = 'own folder'
  const room = await mayWrite(configurationFolder)
  if (room.kind === 'writable') return ok(name, `${configurationFolder} can be written`)
  const detail = `${configurationFolder} cannot be written: ${room.words}`
  const fix = 'export XDG_CONFIG_HOME=FOLDER   with a folder that you can write, kept in your shell’s profile'
  const hasKey = (await readAllDeviceKeys(configurationFolder)).length > 0
  return hasKey
    ? warning(name, `${detail}; the key that is there still signs`, fix)
    : failed(name, `${detail}; no key can be made, and nothing is signed without one`, fix)
}
