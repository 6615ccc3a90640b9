/** Reads of files that usually hold secrets, and commands that print credentials. */
import { globMatcher } from './globs.ts'
import type { Session } from './session.ts'
import { joinPath } from './shell/path.ts'
import type { ShellWord } from './shell/word.ts'
import type { ShellCommand } from './shell.ts'
import { shellRuns } from './shell-run.ts'
import type { Sighting } from './sighting.ts'
import { toolUses } from './tool-use.ts'

export interface SecretAccess extends Sighting {
  /** The file that was read; null where a program printed a credential. */
  readonly path: string | null
  readonly index: number
}

export interface SecretAccessOptions {
  /** Globs of files that hold secrets. */
  readonly files: readonly string[]
  /** Globs of files among them that do not. */
  readonly except: readonly string[]
}

export const usualSecretFiles: SecretAccessOptions = {
  files: [
    '**/.env',
    '**/.env.*',
    '**/{.netrc,_netrc,.npmrc,.pypirc,.git-credentials,.pgpass,.my.cnf,.vault-token}',
    '**/id_{rsa,dsa,ecdsa,ed25519}',
    '**/{credentials,credentials.json,service-account.json,secrets.yml,secrets.yaml,secrets.json}',
    '**/*.{pem,p12,pfx,key,keystore,jks,kdbx}',
    '**/.ssh/id_*',
    '**/.aws/{credentials,config}',
    '**/.kube/config',
    '**/.docker/config.json',
    '**/.config/gh/hosts.yml',
    '**/.gnupg/**',
    '/etc/shadow',
  ],
  except: ['**/.env.{example,sample,template,dist,defaults,test}', '**/*.pub', '**/.env.*.{example,sample,template}'],
}

/** Programs that show, copy or send what a file holds. */
const readers = new Set(
  (
    'cat less more head tail bat nl tac grep rg ag awk gawk sed cut sort strings xxd hexdump od base64 openssl jq yq ' +
    'cp scp rsync source . curl wget tar zip gzip python python3 node ruby perl vim vi nano view diff tee dd pbcopy xclip'
  ).split(' '),
)
/** Among them those that do nothing but show a file: where its name is computed, it may be any. */
const viewers = new Set([
  'cat',
  'less',
  'more',
  'head',
  'tail',
  'bat',
  'nl',
  'tac',
  'strings',
  'xxd',
  'hexdump',
  'base64',
])

/** Program, then words that stand at its beginning in this order; the rest may follow. */
const credentialCommands: readonly (readonly [program: RegExp, words: RegExp])[] = [
  [/^gh$/, /^auth token\b|^auth status .*(?:-t|--show-token)\b/],
  [/^gcloud$/, /^auth (?:application-default )?print-(?:access|identity)-token\b/],
  [
    /^aws$/,
    /^(?:configure (?:get|export-credentials)\b|secretsmanager get-secret-value\b|sts get-session-token\b|ssm get-parameters?\b.*--with-decryption)/,
  ],
  [/^az$/, /^(?:account get-access-token|keyvault secret show)\b/],
  [/^vault$/, /^(?:read|kv get|print token)\b/],
  [/^op$/, /^(?:read|item get)\b/],
  [/^pass$/, /^(?:show )?(?!(?:ls|list|find|insert|generate|init|git)\b)\S/],
  [/^security$/, /^find-(?:generic|internet)-password\b.*\s-w\b|^find-(?:generic|internet)-password -\w*w/],
  [/^(?:kubectl|oc)$/, /^(?:-n \S+ )?get secrets?\b.*(?:-o|--output)/],
  [/^git$/, /^credential fill\b/],
  [/^git-credential/, /\bget\b/],
  [/^heroku$/, /^(?:auth:token|config)\b/],
  [/^doppler$/, /^secrets\b(?! set)/],
  [/^printenv$/, /(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)\w*$/i],
]

export function secretAccesses(
  session: Session,
  options: SecretAccessOptions = usualSecretFiles,
): readonly SecretAccess[] {
  const matches = globMatcher(options.files, { dot: true, nocase: true, ignore: options.except })
  // `~` stands for the home folder in paths and means nothing to a glob.
  const isSecret = (path: string): boolean => matches(path.replace(/^~\//, 'home/')) || matches(path)
  return [...byTools(session, isSecret), ...byShell(session, isSecret)].sort((left, right) => left.index - right.index)
}

function byTools(session: Session, isSecret: (path: string) => boolean): readonly SecretAccess[] {
  return toolUses(session).flatMap((use): SecretAccess[] => {
    const { call, outcome, events, denied, index } = use
    if (call.category !== 'read' && call.category !== 'search') return []
    // What failed gave nothing away.
    if (outcome?.result?.outcome === 'failed') return []
    return call.paths.filter(isSecret).map((path) => ({
      certainty: 'certain',
      message: `\`${path}\`, which usually holds secrets, was read`,
      text: path,
      path,
      events,
      denied,
      index,
    }))
  })
}

function byShell(session: Session, isSecret: (path: string) => boolean): readonly SecretAccess[] {
  return shellRuns(session).flatMap((run) => {
    const at = { events: run.events, denied: run.outcome === 'denied', index: run.index }
    return run.analysis.commands.flatMap((command): SecretAccess[] => {
      const credential = printsCredential(command)
      if (credential) {
        const message = `\`${command.text}\` prints a credential`
        return [{ ...at, certainty: 'certain', message, text: command.text, path: null }]
      }
      if (command.program === null || !readers.has(command.program)) return []
      const found = command.words.flatMap((word) => pathsIn(word, command)).filter(isSecret)
      if (found.length > 0) {
        return [...new Set(found)].map((path) => ({
          ...at,
          certainty: 'certain',
          message: `\`${command.text}\` reads \`${path}\`, which usually holds secrets`,
          text: command.text,
          path,
        }))
      }
      if (!viewers.has(command.program) || !command.words.some(isOpen)) return []
      const message = `\`${command.text}\` shows a file whose name is computed at run time`
      return [{ ...at, certainty: 'doubt', message, text: command.text, path: null }]
    })
  })
}

function printsCredential({ program, arguments: words }: ShellCommand): boolean {
  if (program === null) return false
  const rules = credentialCommands.filter(([name]) => name.test(program))
  if (rules.length === 0) return false
  const line = words
    .map((word) => word ?? '…')
    .join(' ')
    .slice(0, 500)
  return rules.some(([, rest]) => rest.test(line))
}

/** The word as a path; `-d @.env`, `--env-file=.env` and `of=x` name one inside of a word. */
function pathsIn(word: ShellWord, { folder }: ShellCommand): readonly string[] {
  // A computed folder in front does not hide the name at the end.
  const text = word.value ?? (word.suffix.includes('/') ? word.suffix : '')
  if (text === '' || text.length > 500) return []
  const bare = text.replace(/^(?:--?[\w-]+=|\w+=|\w*=?@)/, '')
  return bare.startsWith('-') ? [] : [joinPath(folder ?? '.', bare.replace(/^\/(?=\.)/, './'))]
}

/** Nothing of it is known, so that it may name anything. */
function isOpen({ value, prefix, suffix }: ShellWord): boolean {
  return value === null && prefix === '' && suffix === ''
}
