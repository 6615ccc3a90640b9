import { z } from 'zod'
import { type ConfigurationFile, configurationKinds } from '../../configuration/configuration.ts'
import { globMatcher } from '../../session/globs.ts'
import { citeFile, skip } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { exampleConfiguration, exampleFile } from '../subject.ts'

const words = {
  policy: 'config-drift',
  severity: 'medium',
  fix: 'Commit the change to the agent’s configuration in a pull request of its own, or take it back.',
} as const

export const configDrift = definePolicy({
  id: 'config-drift',
  version: 2,
  title: 'Agents run with the accepted configuration',
  why: 'Permissions, hooks and instructions were agreed on; a session with others worked under other rules.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['configuration'],
  reads: 'header',
  parameters: z.object({
    kinds: z
      .array(z.enum(configurationKinds))
      .default([...configurationKinds])
      .describe('Kinds of files that are compared.'),
    except: z
      .array(z.string().min(1))
      .default(['**/*.local.*', '~/**'])
      .describe('Globs of files that are a person’s own.'),
  }),
  evaluate({ configuration = null }, { kinds, except }) {
    if (configuration === null) return skip('The agent’s configuration was not collected.')
    if (configuration.accepted === null) return skip('There is no accepted configuration to compare with.')
    const isExempt = globMatcher(except, { dot: true })
    // What a person or a machine sets for itself is on no branch.
    const counts = ({ path, kind, layer }: ConfigurationFile): boolean =>
      layer === 'repository' && kinds.includes(kind) && !isExempt(path)
    const present = new Map(configuration.files.filter(counts).map((file) => [file.path, file]))
    const accepted = new Map(configuration.accepted.filter(counts).map((file) => [file.path, file]))
    const changes = [
      ...[...present.values()].flatMap(({ path, digest }) => {
        const before = accepted.get(path)
        if (before === undefined) return [{ path, what: 'is new' }]
        return before.digest === digest ? [] : [{ path, what: 'differs' }]
      }),
      ...[...accepted.keys()].filter((path) => !present.has(path)).map((path) => ({ path, what: 'is gone' })),
    ]
    return {
      findings: changes.map(({ path, what }) => ({
        ...words,
        message: `\`${path}\` ${what}, compared with the accepted configuration.`,
        citations: [citeFile(path)],
      })),
      doubts: [],
      skipped: null,
    }
  },
  examples: {
    violates: [
      { title: 'a file that differs', configuration: drifted([settings('1')], [settings('2')]) },
      { title: 'a file that is new', configuration: drifted([settings('1')], []) },
      { title: 'a file that is gone', configuration: drifted([], [settings('2')]) },
    ],
    passes: [
      { title: 'the accepted files', configuration: drifted([settings('1')], [settings('1')]) },
      { title: 'nothing to compare with', configuration: exampleConfiguration({ files: [settings('1')] }) },
      {
        title: 'a file of the person’s own',
        configuration: drifted([{ ...settings('1'), path: '~/.claude/settings.json', layer: 'user' }], []),
      },
      { title: 'nothing collected', commands: ['ls'] },
    ],
  },
})

function drifted(files: readonly ConfigurationFile[], accepted: readonly ConfigurationFile[]) {
  return exampleConfiguration({ files: [...files], accepted: [...accepted] })
}

function settings(digit: string): ConfigurationFile {
  return exampleFile('.claude/settings.json', 'settings', digit)
}
