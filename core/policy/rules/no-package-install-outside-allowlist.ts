import { z } from 'zod'
import { globMatcher } from '../../session/globs.ts'
import { ecosystems, packageInstalls } from '../../session/package-install.ts'
import type { Sighting } from '../../session/sighting.ts'
import { judgeSightings } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { deniedShellEvents } from '../subject.ts'

const words = {
  policy: 'no-package-install-outside-allowlist',
  severity: 'medium',
  fix: 'Use an approved package, or ask for this one to be approved before it is installed.',
} as const

export const noPackageInstallOutsideAllowlist = definePolicy({
  id: 'no-package-install-outside-allowlist',
  version: 1,
  title: 'Only approved packages are added',
  why: 'Models invent names of packages, strangers register them, and an installation runs their code at once.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['transcript'],
  guards: true,
  parameters: z.object({
    allow: z
      .array(z.string().min(1))
      .default([])
      .describe('Globs of packages, as `name` or `npm:name`; none is approved unless it is named.'),
    ecosystems: z
      .array(z.enum(ecosystems))
      .default([...ecosystems])
      .describe('Ecosystems that are looked at.'),
  }),
  evaluate({ session }, { allow, ecosystems: wanted }) {
    const isAllowed = globMatcher(allow, { dot: true })
    const sightings = packageInstalls(session).flatMap(({ ecosystem, name, text, events, denied }): Sighting[] => {
      if (!wanted.includes(ecosystem)) return []
      const base = { text, events, denied }
      if (name === null) {
        return [
          { ...base, certainty: 'doubt', message: `\`${text}\` adds packages whose names are computed at run time` },
        ]
      }
      if (isAllowed(name) || isAllowed(`${ecosystem}:${name}`)) return []
      return [
        {
          ...base,
          certainty: 'certain',
          message: `\`${text}\` adds \`${name}\` (${ecosystem}), which is not approved`,
        },
      ]
    })
    return judgeSightings(sightings, words)
  },
  examples: {
    violates: [
      {
        title: 'a package by name',
        commands: ['npm install left-pad', 'pnpm add -D @scope/tool@2', 'yarn add left-pad'],
      },
      {
        title: 'in other languages',
        commands: [
          'pip install requests==2.0',
          'python -m pip install -U rich',
          'cargo add serde',
          'go get example.com/m@v1',
          'gem install rake',
          'uv add httpx',
        ],
      },
      { title: 'for the whole machine', commands: ['sudo apt-get install -y jq', 'brew install jq'] },
      {
        title: 'from an address',
        commands: ['npm i git+https://example.com/a.git', 'pip install git+https://example.com/a'],
      },
    ],
    passes: [
      {
        title: 'what the lock file names',
        commands: ['npm install', 'npm ci', 'pip install -r requirements.txt', 'bundle install', 'uv sync'],
      },
      {
        title: 'the project itself',
        commands: ['pip install -e .', 'npm install ./packages/a', 'cargo install --path .'],
      },
      {
        title: 'an approved package',
        commands: ['npm install zod@4', 'pip install zod'],
        with: { allow: ['npm:zod', 'zo*'] },
      },
      {
        title: 'text that only mentions it',
        commands: ['echo "npm install left-pad"', 'git commit -m "npm install x"'],
      },
      { title: 'an attempt that was denied', events: deniedShellEvents('d1', 'npm install left-pad') },
    ],
    doubtful: [{ title: 'a name that is computed', commands: ['npm install "$PACKAGE"', 'pip install $(cat wanted)'] }],
  },
})
