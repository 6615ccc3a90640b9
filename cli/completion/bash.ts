/** A completion script for bash, from 3.2 (macOS) on. */
import type { CompletedCommand, Grammar, Offer } from './grammar.ts'

export function bashScript({ commands, options }: Grammar): string {
  const names = commands.map(({ name }) => name)
  return `# bash completion of stemma, written by \`stemma completion bash\`

_stemma() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local command= place=0 ended= at word kind= words= prefix= valued=' ${withValue(options).join(' ')} '
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -* ]]; then
      [[ $valued == *" $word "* ]] && ((at++))
    elif [[ -z $command ]]; then
      command=$word
      case $command in
${lines(commands.filter((one) => withValue(one.options).length > 0).map((one) => `        ${one.name}) valued=' ${withValue(one.options).join(' ')} ' ;;`))}
      esac
    else
      ((place++))
    fi
  done
  # The value of an option that ends the line is not a word of its own.
  if [[ -z $ended && $valued == *" $prev "* ]]; then
    case "$command $prev" in
${lines(commands.flatMap(valueCases))}
      *' --cwd') kind=folders ;;
    esac
  elif [[ -z $ended && $cur == -* ]]; then
    case $command in
      '') words='${options.flatMap(({ names: own }) => own).join(' ')}' ;;
${lines(commands.map((one) => `      ${one.name}) words='${one.options.flatMap(({ names: own }) => own).join(' ')}' ;;`))}
    esac
  elif [[ -z $command ]]; then
    words='${names.join(' ')}'
  else
    case "$command $place" in
${lines(commands.flatMap(placeCases))}
    esac
  fi
  local IFS=$' \\t\\n'
  case $kind in
    references)
      words=$(git for-each-ref --format='%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null)
      # Both ends of a range.
      [[ $cur == *..* ]] && prefix=\${cur%..*}.. && cur=\${cur##*..}
      ;;
    programs) IFS=$'\\n' COMPREPLY=($(compgen -c -- "$cur")) ;;
    folders) IFS=$'\\n' COMPREPLY=($(compgen -d -- "$cur")) ;;
    files) IFS=$'\\n' COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
  case $kind in
    folders | files) compopt -o filenames 2>/dev/null ;;
    programs) ;;
    *) COMPREPLY=($(compgen -P "$prefix" -W "$words" -- "$cur")) ;;
  esac
}

complete -F _stemma stemma
`
}

function lines(all: readonly string[]): string {
  return all.join('\n')
}

function withValue(options: Grammar['options']): readonly string[] {
  return options.filter(({ offer }) => offer !== null).flatMap(({ names }) => names)
}

function valueCases({ name, options }: CompletedCommand): readonly string[] {
  return options.flatMap(({ names, offer }) =>
    offer === null || offer.kind === 'nothing' || names.includes('--cwd')
      ? []
      : [`      ${names.map((one) => `'${name} ${one}'`).join(' | ')}) ${answer(offer)} ;;`],
  )
}

function placeCases({ name, arguments: places }: CompletedCommand): readonly string[] {
  return places.flatMap(({ offer, isVariadic }, at) => {
    if (offer.kind === 'nothing') return []
    const first = `      '${name} ${at}') ${answer(offer)} ;;`
    // After the program come its own words.
    return isVariadic ? [first, `      '${name} '*) kind=files ;;`] : [first]
  })
}

function answer(offer: Offer): string {
  return offer.kind === 'words' ? `words='${offer.words.join(' ')}'` : `kind=${offer.kind}`
}
