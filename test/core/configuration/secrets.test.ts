/** Every place of a settings file that may hold a secret, with a secret in it: none of them is in the normal form. */
import { expect, test } from 'vitest'
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import { configurationOf, type Files } from './sample.ts'

/** No rule knows these by their form: they must be left out, not found. */
const words = Array.from({ length: 40 }, (_, at) => `Kd${at}vQ-plum-${(at * 7919).toString(36)}x`)

const json = (value: unknown) => JSON.stringify(value)

interface Place {
  readonly title: string
  readonly agent: string
  readonly files: (secret: string) => Files
}

const server = (definition: (secret: string) => unknown) => (secret: string) =>
  json({ mcpServers: { one: definition(secret) } })
const place = (title: string, agent: string, path: string, text: (secret: string) => string): Place => ({
  title,
  agent,
  files: (secret) => ({ [path]: text(secret) }),
})

const servers: readonly (readonly [string, (secret: string) => unknown])[] = [
  ['in the environment', (secret) => ({ command: 'x', env: { KEY: secret } })],
  ['in an argument', (secret) => ({ command: 'x', args: ['--token', secret] })],
  ['in the first argument', (secret) => ({ command: 'npx', args: [secret] })],
  ['in a header', (secret) => ({ url: 'https://h.example.com', headers: { Authorization: `Bearer ${secret}` } })],
  ['in the path of an address', (secret) => ({ url: `https://h.example.com/${secret}/mcp` })],
  ['in the query of an address', (secret) => ({ url: `https://h.example.com/?key=${secret}` })],
  ['in the fragment of an address', (secret) => ({ url: `https://h.example.com/#${secret}` })],
  ['as the user of an address', (secret) => ({ url: `https://${secret}@h.example.com/` })],
  ['as the password of an address', (secret) => ({ url: `https://u:${secret}@h.example.com/` })],
  ['in the place of an address', (secret) => ({ url: secret })],
  ['in a command line', (secret) => ({ command: `TOKEN=${secret} x --y` })],
  ['behind a program', (secret) => ({ command: `x --token=${secret}` })],
  ['in the folder of a program', (secret) => ({ command: `/opt/${secret}/x` })],
]

const places: readonly Place[] = [
  ...['.mcp.json', '.claude/settings.json', '~/.claude.json'].flatMap((path) =>
    servers
      .slice(0, path === '.mcp.json' ? 13 : 4)
      .map(([title, definition]) => place(`a server of ${path}, ${title}`, 'claude-code', path, server(definition))),
  ),
  place('env of Claude Code', 'claude-code', '.claude/settings.json', (secret) => json({ env: { API_KEY: secret } })),
  place('base URL of Claude Code', 'claude-code', '.claude/settings.json', (secret) =>
    json({ env: { ANTHROPIC_BASE_URL: `https://u:${secret}@h.example.com/${secret}` } }),
  ),
  place('apiKeyHelper', 'claude-code', '.claude/settings.json', (secret) => json({ apiKeyHelper: `echo ${secret}` })),
  place('statusLine', 'claude-code', '.claude/settings.json', (secret) =>
    json({ statusLine: { type: 'command', command: `x ${secret}` } }),
  ),
  place('account in the state of Claude Code', 'claude-code', '~/.claude.json', (secret) =>
    json({ oauthAccount: { token: secret }, mcpServers: {} }),
  ),
  place('a person’s hook', 'claude-code', '~/.claude/settings.json', (secret) =>
    json({ hooks: { Stop: [{ hooks: [{ type: 'command', command: `x ${secret}` }] }] } }),
  ),
  place('a hook that calls an address', 'claude-code', '.claude/settings.json', (secret) =>
    json({
      hooks: { Stop: [{ hooks: [{ type: 'http', url: `https://h.example.com/${secret}`, headers: { A: secret } }] }] },
    }),
  ),
  place('a person’s rule', 'claude-code', '~/.claude/settings.json', (secret) =>
    json({ permissions: { allow: [`Bash(curl -H ${secret}:*)`] } }),
  ),
  place('marketplace with a token', 'claude-code', '.claude/settings.json', (secret) =>
    json({ enabledPlugins: [`https://u:${secret}@git.example.com/x`] }),
  ),
  place('text of instructions', 'claude-code', 'CLAUDE.md', (secret) => `The password is ${secret}.`),
  place(
    'server of Codex',
    'codex',
    '.codex/config.toml',
    (secret) => `[mcp_servers.a]\ncommand = "x"\nargs = ["${secret}"]\nenv = { K = "${secret}" }\n`,
  ),
  place(
    'token of a server of Codex',
    'codex',
    '.codex/config.toml',
    (secret) => `[mcp_servers.a]\nurl = "https://h.example.com/${secret}"\nbearer_token = "${secret}"\n`,
  ),
  place(
    'provider of Codex',
    'codex',
    '~/.codex/config.toml',
    (secret) =>
      `[model_providers.a]\nbase_url = "https://u:${secret}@h.example.com"\nhttp_headers = { X = "${secret}" }\n`,
  ),
  place(
    'shell environment of Codex',
    'codex',
    '.codex/config.toml',
    (secret) => `[shell_environment_policy]\nset = { K = "${secret}" }\n`,
  ),
  place('notify of Codex', 'codex', '~/.codex/config.toml', (secret) => `notify = ["x", "${secret}"]\n`),
  place(
    '.env of Gemini CLI',
    'gemini-cli',
    '.gemini/.env',
    (secret) => `GEMINI_API_KEY='${secret}'\nHTTPS_PROXY=http://u:${secret}@p.example.com\n`,
  ),
  place(
    'headers of Gemini CLI',
    'gemini-cli',
    '.gemini/settings.json',
    server((secret) => ({ httpUrl: 'https://h.example.com', headers: { A: secret } })),
  ),
  place('options of a provider of OpenCode', 'opencode', 'opencode.json', (secret) =>
    json({ provider: { a: { options: { apiKey: secret, baseURL: `https://h.example.com/${secret}` } } } }),
  ),
  place('environment of OpenCode', 'opencode', 'opencode.json', (secret) =>
    json({ mcp: { a: { type: 'local', command: ['x', secret], environment: { K: secret } } } }),
  ),
  place('header of OpenCode', 'opencode', 'opencode.json', (secret) =>
    json({ mcp: { a: { type: 'remote', url: 'https://h.example.com', headers: { K: secret } } } }),
  ),
  place('sign-in of Copilot CLI', 'copilot-cli', '~/.copilot/config.json', (secret) => json({ github_token: secret })),
  place(
    'environment of Copilot CLI',
    'copilot-cli',
    '.github/mcp.json',
    server((secret) => ({ command: 'x', env: { K: secret } })),
  ),
  place(
    'argument of Cursor',
    'cursor',
    '.cursor/mcp.json',
    server((secret) => ({ command: 'x', args: [secret] })),
  ),
  place('preparation of Cursor', 'cursor', '.cursor/environment.json', (secret) =>
    json({ install: `TOKEN=${secret} npm ci` }),
  ),
]

test('there are at least forty places, and each is read', () => {
  expect(places.length).toBeGreaterThanOrEqual(40)
})

test.each(places)('$title', async ({ agent, files }) => {
  for (const secret of words) {
    const configuration = await configurationOf(agent, files(secret))
    expect(isRead(configuration)).toBe(true)
    // Hosts are lower-cased, and a program's name may be cut.
    expect(JSON.stringify(configuration).toLowerCase()).not.toContain(secret.toLowerCase())
  }
})

function isRead({ files, unread }: AgentConfiguration): boolean {
  return files.length === 1 && unread.length === 0
}
