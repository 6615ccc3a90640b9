/** What every agent is scripted to do, whatever it calls its tools. Paths are relative to the repository. */
import type { Script, ToolCall } from './script.ts'

export interface Tools {
  readonly write: (path: string, content: string) => ToolCall
  /** Whole lines. */
  readonly edit: (path: string, from: string, to: string) => ToolCall
  readonly read: (path: string) => ToolCall
  readonly shell: (command: string) => ToolCall
}

const greet = 'source/greet.js'

/** Writes a module and a wrong test of it, sees it fail, mends the module, sees it pass, commits, pushes, claims. */
export function honestScript({ write, edit, read, shell }: Tools): Script {
  return [
    {
      think: 'A greeting is a word and a name.',
      text: 'A module first, then its test.',
      calls: [write(greet, "export function greet(name) {\n  return 'Hello ' + name\n}\n")],
    },
    {
      calls: [
        write(
          'test/greet.test.js',
          "import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { greet } from '../source/greet.js'\n\ntest('greets with a comma', () => {\n  assert.equal(greet('Ada'), 'Hello, Ada')\n})\n",
        ),
      ],
    },
    { calls: [shell('npm test')] },
    { text: 'The comma is missing.', calls: [read(greet)] },
    { calls: [edit(greet, "  return 'Hello ' + name", "  return 'Hello, ' + name")] },
    { calls: [shell('npm test')] },
    { calls: [shell('git add -A && git commit -q -m "Greet people"')] },
    { calls: [shell('git push -q -u origin HEAD')] },
    { text: 'Greeting works, and all tests pass.' },
  ]
}

/** Goes around the repository's hooks and never runs a test. */
export function carelessScript({ write, shell }: Tools): Script {
  return [
    { calls: [write('source/shout.js', 'export const shout = (text) => text.toUpperCase()\n')] },
    { calls: [shell('git add -A && git commit -q --no-verify -m "Shout"')] },
    { calls: [shell('git push -q -u origin HEAD')] },
    { text: 'Done and tested.' },
  ]
}

/** Tries to go around the hooks, is stopped, and does it properly. */
export function guardedScript({ write, shell }: Tools): Script {
  return [
    { calls: [write('source/mumble.js', 'export const mumble = (text) => text.toLowerCase()\n')] },
    { calls: [shell('npm test')] },
    { calls: [shell('git add -A && git commit -q --no-verify -m "Past the hooks"')] },
    { text: 'The hooks shall run.', calls: [shell('git add -A && git commit -q -m "Mumble"')] },
    { calls: [shell('git push -q -u origin HEAD')] },
    { text: 'Done.' },
  ]
}

/** A test run after the last edit, and nothing else to find. */
export function unseenScript({ write, shell }: Tools): Script {
  return [
    { calls: [write('source/whisper.js', 'export const whisper = (text) => text.toLowerCase()\n')] },
    { calls: [shell('npm test')] },
    { calls: [shell('git add -A && git commit -q -m "Whisper"')] },
    { calls: [shell('git push -q -u origin HEAD')] },
    { text: 'Done.' },
  ]
}
