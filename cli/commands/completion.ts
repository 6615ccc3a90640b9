/** `stemma completion`: what a shell needs to complete our words, written from the commands themselves. */
import { z } from 'zod'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { grammarOf } from '../completion/grammar.ts'
import { zshScript } from '../completion/zsh.ts'
import { type Command, defineCommand } from './command.ts'

const shells = ['bash', 'zsh', 'fish'] as const

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

/** Of all commands, itself among them: the registry hands it the way to load them. */
export const completionOf = (loadCommands: () => Promise<readonly Command[]>) =>
  defineCommand({
    name: 'completion',
    summary: 'print a script that completes commands and options in your shell',
    arguments: [{ name: 'shell', description: shells.join(', '), required: true, words: shells }],
    options: [],
    examples: [
      {
        command: 'stemma completion bash >~/.local/share/bash-completion/completions/stemma',
        effect: 'or in ~/.bashrc: eval "$(stemma completion bash)"',
      },
      {
        command: 'stemma completion zsh >~/.zsh/completions/_stemma',
        effect: 'where ~/.zshrc has: fpath=(~/.zsh/completions $fpath); autoload -U compinit; compinit',
      },
      { command: 'stemma completion fish >~/.config/fish/completions/stemma.fish', effect: 'fish finds it by itself' },
    ],
    parameters: z.object({ shell: z.enum(shells, { error: `must be one of ${shells.join(', ')}` }) }),
    run: async ({ shell }, { terminal, json }) => {
      const script = scripts[shell](grammarOf(await loadCommands()))
      terminal.print(json ? JSON.stringify({ shell, script }, null, 2) : script.trimEnd())
      return 0
    },
  })
