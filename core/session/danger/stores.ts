/** Data and resources that are kept elsewhere: databases, clouds, clusters. */
import type { ShellCommand } from '../shell.ts'
import { certain, type Sight, type View } from './sight.ts'

const databasePrograms = new Set([
  'psql',
  'mysql',
  'mariadb',
  'sqlcmd',
  'clickhouse-client',
  'cockroach',
  'mongosh',
  'mongo',
  'redis-cli',
  'cqlsh',
  'usql',
])

export function seeDatabase({ command, isDisposable }: View): Sight | null {
  const { program, arguments: words, input } = command
  if (program === null) return null
  if (program === 'dropdb' || (program === 'mysqladmin' && words.includes('drop'))) {
    const name = words.findLast((word) => word === null || !word.startsWith('-'))
    return name && isDisposable(name) ? null : certain('database', command, 'drops a database')
  }
  if (!databasePrograms.has(program)) return null
  const text = [...words, input].filter((part) => part !== null).join('\n')
  if (/\bFLUSHALL\b|\bdropDatabase\s*\(/i.test(text)) return certain('database', command, 'empties a database')
  for (const [, name = ''] of text.matchAll(
    /\bDROP\s+(?:DATABASE|SCHEMA|KEYSPACE)\s+(?:IF\s+EXISTS\s+)?["'`]?([\w.$-]+)/gi,
  )) {
    if (!isDisposable(name)) return certain('database', command, 'drops a database')
  }
  return null
}

/** Program, then words that must stand in the command in this order, then words of which one must be there too. */
const deletions: readonly (readonly [program: RegExp, inOrder: readonly RegExp[], alsoOneOf: RegExp | null])[] = [
  [
    /^(?:terraform|tofu|terragrunt)$/,
    [/^(?:destroy|run-all|apply)$/],
    /^-{1,2}(?:auto-approve|terragrunt-non-interactive)$/,
  ],
  [/^pulumi$/, [/^(?:destroy|stack)$/], /^(?:--yes|-y|--force)$/],
  [/^cdk$/, [/^destroy$/], /^(?:--force|-f)$/],
  [/^(?:kubectl|oc)$/, [/^delete$/, /^(?:ns|namespaces?|project)(?:\/.*)?$/], null],
  [/^(?:kubectl|oc)$/, [/^delete$/], /^--all(?:-namespaces)?$/],
  [/^aws$/, [/^s3$/, /^rb$/], /^--force$/],
  [/^aws$/, [/^s3$/, /^rm$/, /^s3:\/\/[^/]+\/?$/], /^--recursive$/],
  [
    /^aws$/,
    [
      /^(?:rds|dynamodb|cloudformation|ec2|eks)$/,
      /^(?:delete-(?:db-instance|db-cluster|table|stack|cluster)|terminate-instances)$/,
    ],
    null,
  ],
  [/^gcloud$/, [/^projects$/, /^delete$/], null],
  [/^az$/, [/^group$/, /^delete$/], null],
  [/^gh$/, [/^repo$/, /^delete$/], null],
  [/^heroku$/, [/^(?:apps:destroy|pg:reset)$/], null],
  [/^npm$/, [/^unpublish$/], null],
  [/^(?:wrangler|wrangler2)$/, [/^(?:d1|r2|kv|queues)$/, /^(?:bucket|namespace)?$|^delete$/, /^delete$/], null],
]

export function seeInfrastructure(command: ShellCommand): Sight | null {
  const { program, arguments: words } = command
  if (program === null) return null
  const matches = deletions.some(([name, inOrder, alsoOneOf]) => {
    if (!name.test(program)) return false
    let at = -1
    const isInOrder = inOrder.every((part) => {
      at = words.findIndex((word, index) => index > at && word !== null && part.test(word))
      return at !== -1
    })
    return isInOrder && (!alsoOneOf || words.some((word) => word !== null && alsoOneOf.test(word)))
  })
  // `terraform apply` builds; only with -destroy it is a deletion.
  const builds = words.includes('apply') && !words.includes('-destroy') && !words.includes('--destroy')
  const previews = words.some((word) => word !== null && /^--?dry-?run(?:=|$)/.test(word))
  return matches && !builds && !previews
    ? certain('infrastructure', command, 'deletes resources without a question')
    : null
}
