/** Risky settings: each with file and line, and why it is worth a look. */
import type { AgentConfiguration, ConfiguredHook, Layer, McpServer, Setting } from './configuration.ts'

export const riskSeverities = ['critical', 'high', 'medium', 'low'] as const

interface RiskDefinition {
  readonly id: string
  readonly severity: (typeof riskSeverities)[number]
  readonly why: string
  readonly fix: string
}

export const risks = [
  {
    id: 'no-questions',
    severity: 'high',
    why: 'Nobody is asked before something is done that cannot be taken back.',
    fix: 'Remove the mode, so that sessions begin with questions.',
  },
  {
    id: 'wide-permission',
    severity: 'high',
    why: 'A rule for nearly anything is no rule: the command that does harm is allowed too.',
    fix: 'Name the commands that are allowed, with their arguments.',
  },
  {
    id: 'no-sandbox',
    severity: 'medium',
    why: 'Commands reach everything that the person reaches.',
    fix: 'Switch the sandbox on.',
  },
  {
    id: 'every-server',
    severity: 'high',
    why: 'Who adds a server to the repository runs a program on every machine that has it.',
    fix: 'Approve MCP servers one by one.',
  },
  {
    id: 'plain-server',
    severity: 'medium',
    why: 'Whoever stands between reads what is sent, and answers in the server’s place.',
    fix: 'Reach the server by https.',
  },
  {
    id: 'downloading-hook',
    severity: 'critical',
    why: 'What it runs is decided elsewhere at the moment in which it runs, and reviewed by nobody.',
    fix: 'Keep what a hook runs in the repository, where it is reviewed.',
  },
  {
    id: 'helper-program',
    severity: 'high',
    why: 'The repository starts a program by itself, on every machine that opens it.',
    fix: 'Let each person set the program in the own settings, or an administrator in the managed ones.',
  },
  {
    id: 'redirected-requests',
    severity: 'high',
    why: 'Prompts, code and the key go to this host instead of the vendor’s.',
    fix: 'Remove the address, or let an administrator set it in the managed settings.',
  },
  {
    id: 'auto-approval',
    severity: 'high',
    why: 'Something is granted without a question that the agent would have asked.',
    fix: 'Remove the setting, so that the agent asks.',
  },
  {
    id: 'trusted-server',
    severity: 'high',
    why: 'All of its tools run without a question, those that it will offer tomorrow included.',
    fix: 'Allow the tools that are needed, by name.',
  },
  {
    id: 'unread-file',
    severity: 'medium',
    why: 'The agent may follow what nobody could look at.',
    fix: 'Keep the file itself in the repository, readable and below a megabyte.',
  },
  {
    id: 'hook-program',
    severity: 'low',
    why: 'It runs with the rights of the person, at every such event.',
    fix: 'Review what the hook runs as you review code.',
  },
  {
    id: 'network-server',
    severity: 'low',
    why: 'What the agent sends there leaves the machine, and what comes back steers it.',
    fix: 'Approve the server by name with the policy approved-mcp-servers.',
  },
  {
    id: 'downloaded-server',
    severity: 'low',
    why: 'Its code is fetched from a registry when it starts, and may be another tomorrow.',
    fix: 'Pin its version, or install it beforehand.',
  },
] as const satisfies readonly RiskDefinition[]
export type Risk = (typeof risks)[number]['id']

export const riskIds = risks.map(({ id }) => id)

export function riskById(id: Risk): RiskDefinition {
  return risks.find((risk) => risk.id === id) ?? risks[0]
}

export interface RiskySetting {
  readonly risk: Risk
  readonly message: string
  /** null: of the configuration as a whole, no single file. */
  readonly file: string | null
  readonly line: number | null
  readonly layer: Layer | null
}

/** Permission rules in `exemptRules` are allowed exactly as written. */
export function risksOf(
  configuration: AgentConfiguration,
  exemptRules: readonly string[] = [],
): readonly RiskySetting[] {
  const { permissions, mcpServers, hooks, settings, unread } = configuration
  return [
    ...modes(configuration),
    ...(permissions ?? [])
      .filter(({ effect, rule }) => effect === 'allow' && !exemptRules.includes(rule) && isWide(rule))
      .map(({ rule, file, line, layer }) => ({
        risk: 'wide-permission' as const,
        message: `\`${rule}\` allows nearly anything.`,
        file,
        line,
        layer,
      })),
    ...(settings ?? []).flatMap(ofSetting),
    ...(mcpServers ?? []).flatMap(ofServer),
    ...(hooks ?? []).flatMap(ofHook),
    ...unread
      .filter(({ layer }) => layer === 'repository')
      .map(({ path, layer, reason }) => ({
        risk: 'unread-file' as const,
        message: `\`${path}\` was not looked into: ${unreadWords[reason]}.`,
        file: path,
        line: null,
        layer,
      })),
  ]
}

const unreadWords = {
  symlink: 'it is a link out of the repository',
  'too-large': 'it is too large',
  unreadable: 'it cannot be read',
  malformed: 'it is not in a form that can be read',
  'too-many': 'there are too many files',
} as const

/** Where the mode in force is known and its file is not, the settings as a whole stand for it. */
function modes({
  permissionMode,
  sandbox,
  trustsEveryMcpServer,
  settings,
}: AgentConfiguration): readonly RiskySetting[] {
  const settled = settings ?? []
  const placeOf = (found: Setting | undefined) => ({
    file: found?.file ?? null,
    line: found?.line ?? null,
    layer: found?.layer ?? null,
  })
  const asking = settled.filter(({ kind, value }) => kind === 'permission-mode' && value !== null && asksNobody(value))
  const off = settled.find(
    ({ kind, value }) =>
      kind === 'sandbox' && value !== null && /^(?:false|off|none|disabled|danger-full-access)$/i.test(value),
  )
  const every = settled.find(({ name, value }) => name === 'enableAllProjectMcpServers' && value === 'true')
  const message = (mode: string | null) => `Sessions begin in the mode \`${mode}\`, which asks nobody.`
  return [
    ...asking.map((one) => ({ risk: 'no-questions' as const, message: message(one.value), ...placeOf(one) })),
    ...(asking.length === 0 && permissionMode !== null && asksNobody(permissionMode)
      ? [{ risk: 'no-questions' as const, message: message(permissionMode), ...placeOf(undefined) }]
      : []),
    ...(sandbox === false
      ? [{ risk: 'no-sandbox' as const, message: 'The sandbox is switched off.', ...placeOf(off) }]
      : []),
    ...(trustsEveryMcpServer === true
      ? [
          {
            risk: 'every-server' as const,
            message: 'Every MCP server of the repository is switched on without a question.',
            ...placeOf(every),
          },
        ]
      : []),
  ]
}

function asksNobody(mode: string): boolean {
  return /^(?:bypassPermissions|danger-full-access|dangerFullAccess|yolo|never|unrestricted)$/.test(mode)
}

function ofSetting({ kind, name, value, file, line, layer }: Setting): readonly RiskySetting[] {
  const place = { file, line, layer }
  if (kind === 'program' && layer === 'repository') {
    const message = `\`${name}\` starts ${value === null ? 'a program' : `\`${value}\``}.`
    return [{ risk: 'helper-program', message, ...place }]
  }
  if (
    kind === 'address' &&
    layer !== 'managed' &&
    !isVendor(value) &&
    (layer === 'repository' || /base_?url|api_base/i.test(name))
  ) {
    return [
      {
        risk: 'redirected-requests',
        message: `\`${name}\` sends requests to ${value === null ? 'another host' : `\`${value}\``}.`,
        ...place,
      },
    ]
  }
  if (kind === 'auto-approval' && value !== 'false' && name !== 'enableAllProjectMcpServers') {
    return [{ risk: 'auto-approval', message: `\`${name}\` grants without a question.`, ...place }]
  }
  return []
}

/** The agents' own vendors: an address that says what would be used anyway redirects nothing. */
function isVendor(host: string | null): boolean {
  return (
    host !== null &&
    /^(?:api\.anthropic\.com|api\.openai\.com|chatgpt\.com|generativelanguage\.googleapis\.com)$/.test(host)
  )
}

function ofServer({
  name,
  isOn,
  isPlain,
  isTrusted,
  source,
  target,
  file,
  line,
  layer,
}: McpServer): readonly RiskySetting[] {
  if (!isOn) return []
  const place = { file, line, layer }
  const server = `The MCP server \`${name}\``
  return [
    ...(isPlain
      ? [{ risk: 'plain-server' as const, message: `${server} is reached without encryption.`, ...place }]
      : []),
    ...(isTrusted ? [{ risk: 'trusted-server' as const, message: `${server} is never asked about.`, ...place }] : []),
    ...(source === 'network'
      ? [
          {
            risk: 'network-server' as const,
            message: `${server} is on the network${target === null ? '' : `, at \`${target}\``}.`,
            ...place,
          },
        ]
      : []),
    ...(source === 'download'
      ? [
          {
            risk: 'downloaded-server' as const,
            message: `${server} is fetched by \`${target}\` when it starts.`,
            ...place,
          },
        ]
      : []),
  ]
}

function ofHook({ event, command, program, file, line, layer }: ConfiguredHook): readonly RiskySetting[] {
  const place = { file, line, layer }
  if (command !== null && runsDownload(command.slice(0, 10_000))) {
    return [
      {
        risk: 'downloading-hook',
        message: `The hook \`${event}\` runs what it downloads: \`${command.slice(0, 200)}\`.`,
        ...place,
      },
    ]
  }
  if (program === 'stemma') return []
  const what = command === null ? (program === null ? 'a program' : `\`${program}\``) : `\`${command.slice(0, 200)}\``
  return [{ risk: 'hook-program', message: `The hook \`${event}\` runs ${what}.`, ...place }]
}

function runsDownload(command: string): boolean {
  return /\b(?:curl|wget)\b[^\n]*(?:\||\$\(|-o)|\$\((?:curl|wget)\b|<\((?:curl|wget)\b/.test(command)
}

/** A whole tool that runs commands, or a shell, an interpreter or a download with any argument. */
function isWide(rule: string): boolean {
  const [, tool = '', inner = null] = /^(\w+)(?:\((.*)\))?$/s.exec(rule) ?? []
  if (tool === '') return rule === '*'
  if (!/^(?:Bash|bash|Shell|PowerShell|shell|run_shell_command|ShellTool)$/.test(tool)) return false
  if (inner === null || /^(?:\*|:\*|\*:\*|\*\*)?$/.test(inner)) return true
  return /^(?:sudo|sh|bash|zsh|python3?|node|perl|ruby|curl|wget|ssh|rm|eval|env|xargs)(?::\*| \*|\*)$/.test(inner)
}
