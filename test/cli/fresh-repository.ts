/** An observed repository with one commit, another one for each test. */
import { afterEach, beforeEach } from 'vitest'
import { ObservedRepository } from './observed-repository.ts'

/** Of the test that runs. */
export let work: ObservedRepository

/** For the file that calls it, with what its repositories begin with. */
export function freshForEachTest(files: Readonly<Record<string, string>> = { 'app.ts': 'first\n' }): void {
  beforeEach(() => {
    work = new ObservedRepository()
    for (const [path, text] of Object.entries(files)) work.write(path, text)
    work.commit('Begin')
  })
  afterEach(() => work.remove())
}
