/** Shells that run what other programs print: which of them are ordinary, and which are somebody else's business. */
import type { ShellAnalysis, ShellDoubt } from './shell.ts'

/** Programs that print set-up text which is meant to be evaluated. */
const printers = new Set([
  ...[
    'ssh-agent',
    'direnv',
    'fnm',
    'nvm',
    'rbenv',
    'pyenv',
    'nodenv',
    'goenv',
    'jenv',
    'brew',
    'mise',
    'asdf',
    'rtx',
    'conda',
  ],
  ...[
    'mamba',
    'micromamba',
    'opam',
    'dircolors',
    'starship',
    'zoxide',
    'kubectl',
    'minikube',
    'register-python-argcomplete',
  ],
  ...['keychain', 'gpg-agent'],
])

const downloaders = new Set(['curl', 'wget', 'fetch', 'http', 'https', 'aria2c', 'iwr', 'Invoke-WebRequest'])

export function isDownload(program: string | null): boolean {
  return program !== null && downloaders.has(program)
}

/** Whether nothing can be told of a computed script: it is no ordinary set-up, and no download, which is judged as such. */
export function isOpaque({ text }: ShellDoubt, { commands }: ShellAnalysis): boolean {
  const from = commands.find((command) => command.runsOutputOf !== null && command.text === text)?.runsOutputOf ?? []
  return !from.some((program) => isDownload(program) || (program !== null && printers.has(program)))
}
