/** A completion script for fish, with the words of help beside each. */
import type { CompletedCommand, CompletedOption, Grammar, Offer } from './grammar.ts'

export function fishScript({ commands, options }: Grammar): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# fish completion of stemma, written by \`stemma completion fish\`

function __stemma_references
    git for-each-ref --format='%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null
end

function __stemma_command
    for word in (commandline -opc)[2..-1]
        if contains -- $word ${names}
            echo $word
            return 0
        end
    end
    return 1
end

function __stemma_has
    test (__stemma_command) = $argv[1] 2>/dev/null
end

complete -c stemma -f
${commands.map(({ name, summary }) => `complete -c stemma -n 'not __stemma_command >/dev/null' -a ${name} -d ${quoted(summary)}`).join('\n')}
${options.map((option) => `complete -c stemma -n 'not __stemma_command >/dev/null' ${optionWords(option)}`).join('\n')}
${commands.flatMap(linesOf).join('\n')}
`
}

function linesOf({ name, arguments: words, options }: CompletedCommand): readonly string[] {
  const here = `complete -c stemma -n '__stemma_has ${name}'`
  const ofWords = words.flatMap(({ offer }) => {
    if (offer.kind === 'nothing') return []
    if (offer.kind !== 'words') return [`${here} ${value(offer)}`]
    const all = offer.words.join(' ')
    return [
      `complete -c stemma -n '__stemma_has ${name}; and not __fish_seen_subcommand_from ${all}' -a ${quoted(all)}`,
    ]
  })
  return [...ofWords, ...options.map((option) => `${here} ${optionWords(option)}`)]
}

function optionWords({ names, description, offer }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
  const takes = offer === null ? '' : offer.kind === 'nothing' ? ' -x' : ` -r ${value(offer)}`
  return `${flags}${takes} -d ${quoted(description)}`
}

const values: Readonly<Record<Exclude<Offer['kind'], 'words'>, string>> = {
  files: '-F',
  folders: "-a '(__fish_complete_directories)'",
  references: "-a '(__stemma_references)'",
  programs: "-a '(__fish_complete_subcommand)'",
  nothing: '',
}

function value(offer: Offer): string {
  return offer.kind === 'words' ? `-f -a ${quoted(offer.words.join(' '))}` : values[offer.kind]
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
