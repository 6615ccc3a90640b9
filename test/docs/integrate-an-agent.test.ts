import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AgentEvent } from '#core/agents/generic/format.ts'
import { generic } from '#core/agents/generic/index.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/integrate-an-agent.md'), 'utf8')
const example = /```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? ''

test('the example of the guide is a session without a wrong line', () => {
  const context = {
    roots: ['/srv/shop'],
    home: '/home/ada',
    capture: 'swept',
    countedMessages: new Set<string>(),
  } as const
  const session = generic.parse([{ path: 'run-42.jsonl', text: example }], context)
  expect(session).toMatchObject({
    id: 'generic:run-42',
    agent: { id: 'my-agent' },
    parse: { records: 9, malformed: 0 },
    warnings: [],
    files: [{ path: 'basket.ts', linesAdded: 1 }],
    delegation: { human: 'ada', orchestrator: 'nightly', parent: 'claude-code:0719df64' },
  })
})

test('the guide tells of every kind of event', () => {
  for (const { shape } of AgentEvent.options) expect(guide).toContain(`\`${shape.kind.value}\``)
})
