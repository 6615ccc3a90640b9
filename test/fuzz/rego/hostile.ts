/** Modules that are made to be slow, large or deep, each in a random size and with a random wrapping. */
import type { Random } from '../random.ts'

type Maker = (random: Random) => string

const size: (random: Random) => number = (random) => 10 ** (1 + random.below(6)) + random.below(100)

const patterns = [
  '^(a+)+$',
  '(a|aa)+$',
  '(.*)*x',
  '(a*)*b',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(x+x+)+y',
  '((a{1,50}){1,50}){1,50}',
  '[a-z]{0,1000}',
]

/** Each gives the value of one rule, and may bring rules of its own. */
const makers: readonly Maker[] = [
  // Products of loops.
  (random) => {
    const count = size(random)
    const names = random.times(1 + random.below(5), (index) => `x${index}`)
    return `p := count([1 | ${names.map((name) => `some ${name} in numbers.range(1, ${count})`).join('; ')}; ${names.join(' + ')} < 0])`
  },
  // Comprehensions inside of comprehensions.
  (random) => {
    const levels = 1 + random.below(30)
    return `p := ${random.times(levels, () => '[y | some x in numbers.range(1, 9); y := ').join('')}1${']'.repeat(levels)}`
  },
  // Values that double.
  (random) => {
    const levels = 10 + random.below(80)
    const pair = random.pick(['[A, A]', '{"l": A, "r": A}', 'concat("", [A, A])', 'array.concat(A, A)', '{A, [A]}'])
    const start = pair.startsWith('concat') ? '"ab"' : '[1]'
    const rules = random.times(levels, (index) => `d${index + 1} := ${pair.replaceAll('A', `d${index}`)}`)
    const use = random.pick([
      `d${levels}`,
      `count(d${levels})`,
      `d${levels} == d${levels}`,
      `sprintf("%v", [d${levels}])`,
      `json.marshal(d${levels})`,
      `{d${levels}}`,
    ])
    return [`d0 := ${start}`, ...rules, `p := ${use}`].join('\n')
  },
  // Patterns that explode in engines that go back.
  (random) => {
    const text = `concat("", ["a" | some i in numbers.range(1, ${size(random)})])`
    const pattern = random.pick(patterns)
    const call = random.pick([
      'regex.match(P, T)',
      'regex.find_n(P, T, -1)',
      'regex.replace(T, P, "$0$0")',
      'regex.split(P, T)',
      'count(regex.find_all_string_submatch_n(P, T, -1))',
    ])
    return `p := ${call.replace('P', `\`${pattern}\``).replace('T', text)}`
  },
  // Numbers that grow.
  (random) => {
    const levels = 5 + random.below(60)
    const rules = random.times(levels, (index) => `n${index + 1} := n${index} * n${index}`)
    return [`n0 := ${random.pick(['99999999999', '3', '-7'])}`, ...rules, `p := n${levels}`].join('\n')
  },
  (random) => `p := bits.lsh(1, ${size(random) ** 2})`,
  (random) =>
    `p := ${random.pick(['net.cidr_expand("::/0")', 'net.cidr_expand("10.0.0.0/8")', `numbers.range(1, ${size(random) ** 2})`, 'numbers.range_step(1, 1000000000, 1)'])}`,
  // Texts that grow.
  (random) => {
    const text = `concat("", ["a" | some i in numbers.range(1, ${size(random)})])`
    return `p := count(${random.pick([`replace(${text}, "a", ${text})`, `strings.replace_n({"a": ${text}}, ${text})`, `sprintf("%${size(random)}d", [1])`, `split(${text}, "")`, `base64.encode(${text})`, `urlquery.encode(${text})`, `indexof_n(${text}, "a")`])})`
  },
  // Patterns for names.
  (random) =>
    `p := glob.match("${'*a'.repeat(1 + random.below(200))}", ["/"], concat("", ["a" | some i in numbers.range(1, ${size(random)})]))`,
  // Nesting of the source.
  (random) => {
    const levels = size(random)
    const [open, close] = random.pick([
      ['[', ']'],
      ['(', ')'],
      ['{"a":', '}'],
      ['-', ''],
      ['not ', ''],
    ])
    return `p := ${(open ?? '').repeat(Math.min(levels, 60_000))}1${(close ?? '').repeat(Math.min(levels, 60_000))}`
  },
  // Nesting of parsed texts.
  (random) => {
    const levels = Math.min(size(random), 90_000)
    const open = `concat("", ["[" | some i in numbers.range(1, ${levels})])`
    return `p := ${random.pick(['json.unmarshal', 'yaml.unmarshal', 'json.is_valid', 'yaml.is_valid'])}(concat("", [${open}, replace(${open}, "[", "]")]))`
  },
  (random) => {
    const anchors = random.times(
      5 + random.below(40),
      (index) => `a${index + 1}: &a${index + 1} [*a${index},*a${index}]`,
    )
    return `p := yaml.unmarshal("a0: &a0 [x]\\n${anchors.join('\\n')}")`
  },
  // Functions that call functions.
  (random) => {
    const levels = Math.min(size(random), 3_000)
    return [
      ...random.times(levels, (index) => `f${index}(x) := f${index + 1}(x)`),
      `f${levels}(x) := x`,
      'p := f0(1)',
    ].join('\n')
  },
  (random) => {
    const levels = 5 + random.below(30)
    return [
      ...random.times(levels, (index) => `f${index}(x) := f${index + 1}(x) + f${index + 1}(x + 1)`),
      `f${levels}(x) := x`,
      'p := f0(1)',
    ].join('\n')
  },
  // Graphs and walks.
  (random) => {
    const count = Math.min(size(random), 5_000)
    const graph = `{sprintf("%d", [i]): [sprintf("%d", [j]) | some j in numbers.range(1, ${Math.min(count, 300)})] | some i in numbers.range(1, ${count})}`
    return `p := count(${random.pick(['graph.reachable', 'graph.reachable_paths'])}(${graph}, ["1"]))`
  },
  (random) =>
    `p := count([x | walk([${random.times(30, () => 'input').join(', ')}], x); walk(x, y); walk(y, z); z == ${random.below(9)}])`,
  // Many rules, many elements.
  (random) =>
    random.times(Math.min(size(random), 4_000), (index) => `p contains ${index} if input.a == ${index}`).join('\n'),
  (random) => `p := {${random.times(Math.min(size(random), 20_000), (index) => String(index)).join(', ')}}`,
  (random) =>
    `p if {\n${random.times(Math.min(size(random), 2_000), (index) => `  x${index} = x${index + 1}`).join('\n')}\n  x0 = 1\n}`,
  // Sorting, uniting and comparing again and again.
  (random) => {
    const all = `numbers.range(1, ${size(random)})`
    return `p := count([1 | some i in ${all}; ${random.pick([`sort(${all})[0] == i`, `max({x | some x in ${all}}) == i`, `object.union_n([{x: i} | some x in ${all}]) == {}`, `union({{x} | some x in ${all}}) == set()`, `array.reverse(${all})[i] == 0`])}])`
  },
  (random) => `p if { ${random.times(1 + random.below(200), () => 'every x in input.items { x }').join('; ')} }`,
  (random) =>
    `p := x if { x := input ${random.times(1 + random.below(500), (index) => `with input.a${index} as ${index}`).join(' ')} }`,
]

export function hostileModule(random: Random): string {
  const rules = random.pick(makers)(random)
  // A budget must not be hidden by what makes undefined of an error.
  const wrapping = random.pick([
    '',
    'q if not p',
    'default q := true\n\nq := false if p',
    'q := 1 if p else := 2',
    'q := [x | x := p]',
  ])
  return `package fuzz\n\n${rules}\n\n${wrapping}\n`
}
