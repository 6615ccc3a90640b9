/** Pieces of settings that several agents write in the same form. */
import { GATE_COMMAND } from '../agents/claude-code/hook-groups.ts'
import { cursorHookCommands } from '../agents/cursor/hook-file.ts'
import { hookCommand } from '../agents/hook-file/hook-settings.ts'
import { asObject, booleanIn, type JsonObject, listIn, objectIn, objectsIn, textIn } from '../agents/json-value.ts'
import { isLocalHost } from '../session/network-use.ts'
import { analyseShell } from '../session/shell.ts'
import type { Keys, SettingsDocument } from './document.ts'
import type { Facts } from './facts.ts'

/** `mcpServers` -> name -> definition. `keys` leads to that object. */
export function readMcpServers(document: SettingsDocument, keys: Keys): Facts['mcpServers'] {
  const servers = objectAt(document.value, keys)
  return Object.keys(servers ?? {}).flatMap((name) => {
    const server = objectIn(servers, name)
    return server === null ? [] : [{ name, ...describeServer(server), line: document.lineOf([...keys, name]) }]
  })
}

/** What starts at its first use out of a registry, instead of from the machine. */
const downloaders = /^(?:npx|bunx|pnpx|uvx|pipx|dlx|docker|podman|deno|bun|npm|pnpm|yarn)(?:\.cmd|\.exe)?$/i

function describeServer(server: JsonObject): Omit<Facts['mcpServers'][number], 'name' | 'line'> {
  const address = textIn(server, 'url') ?? textIn(server, 'httpUrl') ?? textIn(server, 'serverUrl')
  const given = listIn(server, 'command')
  const command = textIn(server, 'command') ?? (typeof given[0] === 'string' ? given[0] : null)
  const program = command === null ? null : programOf(command)
  const type = textIn(server, 'type') ?? textIn(server, 'transport') ?? ''
  const environment = objectIn(server, 'env') ?? objectIn(server, 'environment')
  const headers =
    objectIn(server, 'headers') ?? objectIn(server, 'http_headers') ?? objectIn(server, 'env_http_headers')
  const host = address === null ? null : hostOf(address)
  const isRemote = address !== null
  return {
    transport: isRemote
      ? /sse/i.test(type) || (textIn(server, 'httpUrl') === null && /\/sse\/?$/.test(address))
        ? 'sse'
        : 'http'
      : command === null
        ? 'unknown'
        : 'stdio',
    target: isRemote ? host : program,
    isPlain: isRemote && /^(?:http|ws):/i.test(address) && !(host !== null && isLocalHost(host)),
    isOn: booleanIn(server, 'disabled') !== true && booleanIn(server, 'enabled') !== false,
    source: isRemote
      ? host !== null && isLocalHost(host)
        ? 'machine'
        : 'network'
      : program === null
        ? 'unknown'
        : downloaders.test(program)
          ? 'download'
          : 'machine',
    isTrusted: booleanIn(server, 'trust') === true || listIn(server, 'alwaysAllow').includes('*'),
    environment: Object.keys(environment ?? {}),
    headers: [
      ...Object.keys(headers ?? {}),
      ...(textIn(server, 'bearer_token_env_var') === null && textIn(server, 'bearer_token') === null
        ? []
        : ['authorization']),
    ],
  }
}

/** `hooks` -> event -> groups -> hooks, the form that Claude Code, Codex and Gemini share. */
export function readHookGroups(document: SettingsDocument): Facts['hooks'] {
  const events = objectIn(document.value, 'hooks')
  return Object.keys(events ?? {}).flatMap((event) =>
    objectsIn(events, event).flatMap((group, at) =>
      objectsIn(group, 'hooks').map((hook, position) =>
        describeHook(event, hook, document.lineOf(['hooks', event, at, 'hooks', position])),
      ),
    ),
  )
}

/** `hooks` -> event -> hooks, the form of Cursor and Copilot. */
export function readHookLists(document: SettingsDocument): Facts['hooks'] {
  const events = objectIn(document.value, 'hooks')
  return Object.keys(events ?? {}).flatMap((event) =>
    objectsIn(events, event).map((hook, at) => describeHook(event, hook, document.lineOf(['hooks', event, at]))),
  )
}

function describeHook(event: string, hook: JsonObject, line: number | null): Facts['hooks'][number] {
  const command = textIn(hook, 'command') ?? textIn(hook, 'bash') ?? textIn(hook, 'powershell')
  const address = textIn(hook, 'url')
  if (command !== null) return { event, command, program: isOurs(command) ? 'stemma' : programOf(command), line }
  // The address may carry a token in its path.
  return {
    event,
    command: address === null ? null : `request to ${hostOf(address) ?? 'an address'}`,
    program: null,
    line,
  }
}

const answeringCommands: ReadonlySet<string> = new Set([GATE_COMMAND, ...cursorHookCommands])

/** The very line that `stemma init` writes: a program that only calls itself so is none of ours. */
function isOurs(command: string): boolean {
  const [, agent] = /\bstemma hook ([a-z-]+(?: [A-Za-z]+)?) /.exec(command) ?? []
  return agent !== undefined && (command === hookCommand(agent) || answeringCommands.has(command))
}

/** `permissions` -> allow, ask, deny -> rules. */
export function readPermissions(document: SettingsDocument): Facts['permissions'] {
  const permissions = objectIn(document.value, 'permissions')
  return (['allow', 'ask', 'deny'] as const).flatMap((effect) =>
    readRules(document, ['permissions', effect], { list: listIn(permissions, effect), effect }),
  )
}

export function readRules(
  document: SettingsDocument,
  keys: Keys,
  { list, effect }: { readonly list: readonly unknown[]; readonly effect: 'allow' | 'ask' | 'deny' },
): Facts['permissions'] {
  return list.flatMap((rule, at) =>
    typeof rule === 'string' ? [{ effect, rule, line: document.lineOf([...keys, at]) }] : [],
  )
}

/** Names of variables; where one redirects requests, the host too. */
export function readEnvironment(document: SettingsDocument, keys: Keys): Facts['settings'] {
  const variables = objectAt(document.value, keys)
  return Object.keys(variables ?? {}).map((variable) =>
    describeVariable(variable, variables?.[variable], { keys, line: document.lineOf([...keys, variable]) }),
  )
}

function describeVariable(
  variable: string,
  value: unknown,
  { keys, line }: { readonly keys: Keys; readonly line: number | null },
) {
  const name = [...keys, variable].join('.')
  const host = typeof value === 'string' && isAddressName(variable) ? hostOf(value) : null
  if (isAddressName(variable)) return { kind: 'address' as const, name, value: host, line }
  const isModel = /(?:^|_)MODEL$/.test(variable) && typeof value === 'string' && isModelName(value)
  if (isModel) return { kind: 'model' as const, name, value, line }
  return { kind: 'environment' as const, name, value: null, line }
}

/** `.env`: names only. */
export function readVariables(text: string): Facts['settings'] {
  return text.split('\n').flatMap((row, at) => {
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(row) ?? []
    return name === undefined
      ? []
      : [describeVariable(name, value.replace(/^["']|["']\s*$/g, ''), { keys: ['env'], line: at + 1 })]
  })
}

/** Variables that send an agent's requests, with its prompts and its key, somewhere else. */
function isAddressName(variable: string): boolean {
  return /(?:_BASE_URL|_API_BASE|_ENDPOINT|_PROXY)$/i.test(variable)
}

/** An address by its host alone: user, path and query may hold a key. */
export function address(document: SettingsDocument, keys: Keys): Facts['settings'] {
  const value = valueAt(document.value, keys)
  return typeof value === 'string'
    ? [{ kind: 'address', name: keys.join('.'), value: hostOf(value), line: document.lineOf(keys) }]
    : []
}

/** A program that the agent starts by itself; what it is called with stays here. */
export function program(document: SettingsDocument, keys: Keys): Facts['settings'] {
  const value = valueAt(document.value, keys)
  const command =
    typeof value === 'string' ? value : Array.isArray(value) && typeof value[0] === 'string' ? value[0] : null
  return command === null
    ? []
    : [{ kind: 'program', name: keys.join('.'), value: programOf(command), line: document.lineOf(keys) }]
}

/** A word out of a closed or short vocabulary: a mode, a model, yes or no. Anything longer is not shown. */
export function word(
  document: SettingsDocument,
  kind: Facts['settings'][number]['kind'],
  keys: Keys,
): Facts['settings'] {
  const value = valueAt(document.value, keys)
  if (typeof value !== 'string' && typeof value !== 'boolean') return []
  return [
    {
      kind,
      name: keys.join('.'),
      value: isModelName(String(value)) ? String(value) : null,
      line: document.lineOf(keys),
    },
  ]
}

/** Names in a list or keys of an object: plugins, marketplaces. */
export function names(
  document: SettingsDocument,
  kind: Facts['settings'][number]['kind'],
  keys: Keys,
): Facts['settings'] {
  const value = valueAt(document.value, keys)
  const list = Array.isArray(value)
    ? value.flatMap((one, at) => (typeof one === 'string' ? [{ value: one, at }] : []))
    : Object.keys(asObject(value) ?? {}).flatMap((key) =>
        asObject(value)?.[key] === false ? [] : [{ value: key, at: key }],
      )
  return list.map((one) => ({
    kind,
    name: keys.join('.'),
    value: pluginName(one.value),
    line: document.lineOf([...keys, one.at]),
  }))
}

/** What a setting lists may be an address with a token. */
function pluginName(value: string): string | null {
  return /^[\w@./:+-]{1,200}$/.test(value) && !value.includes('://') ? value : (hostOf(value) ?? null)
}

function isModelName(value: string): boolean {
  return /^[\w.:/@[\]-]{1,100}$/.test(value)
}

/** Base name of the first program that a command line runs; null where it is computed, or looks like no program. */
function programOf(command: string): string | null {
  const found = analyseShell(command.slice(0, 10_000)).commands[0]?.program ?? null
  return found !== null && found !== 'stemma' && /^[\w.+-]{1,60}$/.test(found) ? found : null
}

/** The host of a whole address, and never what could be a key in the place of one. */
function hostOf(address: string): string | null {
  if (!/^(?:https?|wss?|socks5h?):\/\//i.test(address) || !URL.canParse(address)) return null
  const { hostname } = new URL(address)
  return /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])$/.test(hostname) ? hostname.replace(/^\[|\]$/g, '') : null
}

export function objectAt(value: JsonObject, keys: Keys): JsonObject | null {
  return asObject(valueAt(value, keys))
}

export function valueAt(value: JsonObject, keys: Keys): unknown {
  let found: unknown = value
  for (const key of keys) {
    const object = asObject(found)
    if (Array.isArray(found)) found = typeof key === 'number' ? found[key] : undefined
    else found = object !== null && Object.hasOwn(object, key) ? object[key] : undefined
  }
  return found
}

/** `@path` lines of instruction files that pull in others; what stands in code is not one. */
export function readImports(text: string): readonly string[] {
  const prose = text.replace(/```[\s\S]*?(?:```|$)/g, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/(?:^|\s)@((?:~\/|\.{0,2}\/)?[\w.-]+(?:\/[\w.-]+)*\.\w+)/g)].map(([, found = '']) => found)
}
