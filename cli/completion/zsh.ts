/** A completion script for zsh, with the words of help beside each. */
import type { CompletedArgument, CompletedCommand, CompletedOption, Grammar, Offer } from './grammar.ts'

export function zshScript({ commands, options }: Grammar): string {
  return `#compdef stemma
# zsh completion of stemma, written by \`stemma completion zsh\`

_stemma_references() {
  local -a references
  references=(\${(f)"$(git for-each-ref --format='%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null)"})
  compset -P '*..'
  compadd -a references
}

_stemma() {
  local curcontext="$curcontext" state
  local -a line commands
  _arguments -C \\
${joined(options.flatMap(optionSpecs))}
    '1:command:->command' \\
    '*::word:->word'
  case $state in
    command)
      commands=(
${commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe -t commands 'stemma command' commands
      ;;
    word)
      case $words[1] in
${commands.map(caseOf).join('\n')}
      esac
      ;;
  esac
}

if [ "$funcstack[1]" = _stemma ]; then
  _stemma "$@"
else
  compdef _stemma stemma
fi
`
}

function caseOf({ name, options, arguments: words }: CompletedCommand): string {
  const specs = [...options.flatMap(optionSpecs), ...words.map(argumentSpec)]
  return `        ${name})
          _arguments \\
${specs.map((spec) => `            ${spec}`).join(' \\\n')}
          ;;`
}

function joined(specs: readonly string[]): string {
  return specs.map((spec) => `    ${spec} \\`).join('\n')
}

function optionSpecs({ names, description, offer }: CompletedOption): readonly string[] {
  const value = offer === null ? '' : `:value:${action(offer)}`
  return names.map((name) => quoted(`${name}[${bare(description)}]${value}`))
}

function argumentSpec({ name, offer, isVariadic }: CompletedArgument, at: number): string {
  return quoted(isVariadic ? `*::${name}:_normal` : `${at + 1}:${name}:${action(offer)}`)
}

const actions: Readonly<Record<Exclude<Offer['kind'], 'words'>, string>> = {
  files: '_files',
  folders: '_files -/',
  references: '_stemma_references',
  programs: '_command_names -e',
  nothing: ' ',
}

function action(offer: Offer): string {
  return offer.kind === 'words' ? `(${offer.words.join(' ')})` : actions[offer.kind]
}

/** What would end the description, or open the next part. */
function bare(description: string): string {
  return description.replaceAll('\\', '\\\\').replace(/[[\]:]/g, '\\$&')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
