/** An observed repository with one commit, for each test or for all tests of a file. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { ObservedRepository } from './observed-repository.ts'

/** Of the test that runs. */
export let work: ObservedRepository

const simple = { 'app.ts': 'first\n' }

function begin(files: Readonly<Record<string, string>>, name?: string): void {
  work = new ObservedRepository(name)
  for (const [path, text] of Object.entries(files)) work.write(path, text)
  work.commit('Begin')
}

/** For the file that calls it, with what its repositories begin with. */
export function freshForEachTest(files: Readonly<Record<string, string>> = simple): void {
  beforeEach(() => begin(files))
  afterEach(() => work.remove())
}

/** For the file that calls it: a fresh one for each would cost more than what is asked of it. */
export function oneForAllTests(name?: string): void {
  beforeAll(() => begin(simple, name))
  afterAll(() => work.remove())
}
