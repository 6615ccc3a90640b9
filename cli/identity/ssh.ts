/** Signing with a person's SSH key through `ssh-keygen`, which asks the agent first and the key's file else. */
import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Bytes } from '#core/evidence/bytes.ts'
import { isSshKey, readKeyText, sshKeyLine } from '#core/evidence/ssh-key.ts'
import { readSshArmour, SSH_NAMESPACE } from '#core/evidence/ssh-signature.ts'
import { Fault } from '#core/fault.ts'
import { readText } from '../io/files.ts'

/** A person may be asked for a passphrase, or to touch a reader. */
const SIGN_MILLISECONDS = 120_000
/** An armoured signature by RSA of 4096 bits has 1,600 characters. */
const MAX_OUTPUT_CHARACTERS = 20_000

export interface SshPublicKey {
  /** Absolute path of the `.pub` file. */
  readonly file: string
  readonly id: string
  readonly line: string
}

/** `name`: the private file or the `.pub` beside it; the private half is never opened here. Throws request-malformed or key-weak. */
export async function readSshPublicKey(name: string, workingDirectory: string): Promise<SshPublicKey> {
  const path = resolve(workingDirectory, name.replace(/^~(?=\/)/, homedir()))
  const file = path.endsWith('.pub') ? path : `${path}.pub`
  const text = (await readText(file))?.trim() ?? null
  if (text === null || !isSshKey(text)) {
    throw new Fault('request-malformed', {
      message: text === null ? `There is no file ${file}.` : `${file} is not the public half of an SSH key.`,
      hint: 'Name your key: `stemma login --ssh-key ~/.ssh/id_ed25519.pub`; list those of the agent with `ssh-add -L`.',
    })
  }
  return { file, id: (await readKeyText(text)).id, line: sshKeyLine(text) }
}

/** The bytes inside the armour of SSHSIG, in Stemma's namespace. */
export async function signWithSsh(publicKeyFile: string, bytes: Bytes): Promise<Bytes> {
  const words = ['-Y', 'sign', '-q', '-n', SSH_NAMESPACE, '-f', publicKeyFile]
  const { output, problem } = await runSshKeygen(words, bytes)
  const signature = readSshArmour(output)
  if (signature !== null) return signature
  throw new Fault('not-enrolled', {
    message: `ssh-keygen did not sign with ${publicKeyFile}${problem === '' ? '' : `: ${problem}`}.`,
    hint: 'Load the key into the agent: `ssh-add FILE`; or sign with a key of this machine: `stemma login --new-key`.',
  })
}

function runSshKeygen(
  words: readonly string[],
  input: Bytes,
): Promise<{ readonly output: string; readonly problem: string }> {
  return new Promise((settle) => {
    const child = spawn('ssh-keygen', words, { stdio: ['pipe', 'pipe', 'pipe'], timeout: SIGN_MILLISECONDS })
    let [output, problem] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT_CHARACTERS) output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (problem.length < MAX_OUTPUT_CHARACTERS) problem += text
    })
    child.on('error', (cause) => settle({ output: '', problem: cause.message }))
    child.on('close', () => settle({ output, problem: problem.trim().split('\n')[0] ?? '' }))
    // It may end before it has read all, for want of a key; then it says why.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
