import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * Functions of the store that do not begin with the organisation, each for a reason: the credential or the installation
 * is what the organisation is found by, deliveries come before it is known, and the clock serves all.
 */
const acrossOrganisations = [
  'openDatabase',
  'transact',
  'findPrincipal',
  'endBrowserSession',
  'exchangeSignIn',
  'takeForgottenEvidence',
  'organisationsWithErasures',
  'organisationsWithRetention',
  'organisationOfInstallation',
  'findInstallation',
  'organisationsOfAccount',
  'organisationOfPipelines',
  'removeInstallation',
  'listInstallations',
  'receiveDelivery',
  'findDelivery',
  'settleDelivery',
  'takeForgottenDeliveries',
  'pullRequestsWithoutReport',
  'unloggedWaivers',
  'endedWaivers',
  'unloggedAttestations',
  'touchPullRequests',
  'touchScope',
  // Arithmetic of pages, and names; no query in them.
  'readCursor',
  'pageOf',
  // SQL fragments of worker/store/rollups.ts, whose scope carries the organisation.
  'retractSession',
  'addSession',
  'contributeVerdicts',
  'contributeLines',
  'yieldsTo',
  'isAboutSession',
  'erasureOf',
]

const folder = join(import.meta.dirname, '../worker/store')
const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.startsWith('schema'))

const functions = files.flatMap((file) =>
  [
    ...readFileSync(join(folder, file), 'utf8').matchAll(
      /export (?:async )?function (\w+)(?:<[^(]*>)?\(\s*(\w+|\{|\))/g,
    ),
  ].map(([, name = '', first = '']) => ({ file, name, first })),
)

/** Every SQL text of the store: templates of drizzle, one a statement. */
const statements = files.flatMap((file) =>
  [...readFileSync(join(folder, file), 'utf8').matchAll(/sql(?:<[^`]*>)?`([^`]*)`/g)]
    .map(([, text = '']) => text.replaceAll(/\s+/g, ' ').trim())
    .filter((text) => /^(select|insert|update|delete)\b/i.test(text))
    .map((text) => ({ file, text })),
)

describe('the store', () => {
  test('takes the organisation first in every function', () => {
    const unscoped = functions.filter(
      ({ name, first }) => first !== 'organisation' && !acrossOrganisations.includes(name),
    )
    expect(unscoped).toEqual([])
    expect(functions.length).toBeGreaterThan(30)
  })

  test('has no exception that is not there', () => {
    const names = functions.map(({ name }) => name)
    expect(acrossOrganisations.filter((name) => !names.includes(name))).toEqual([])
  })

  test('names the organisation in every statement that is written out', () => {
    const scoped = /organisation = |\$\{where\}|\$\{within\(/
    const insertOfValues = /^insert into \w+ \([^)]*organisation/
    expect(statements.filter(({ text }) => !scoped.test(text) && !insertOfValues.test(text))).toEqual([
      // The clock's, for all organisations.
      expect.objectContaining({
        file: 'attestations.ts',
        text: expect.stringMatching(/^select organisation, id, statement/),
      }),
      expect.objectContaining({ file: 'erasures.ts', text: expect.stringMatching(/^select organisation from/) }),
      expect.objectContaining({ file: 'evidence.ts', text: expect.stringContaining('(organisation, id) in') }),
      expect.objectContaining({
        file: 'waivers.ts',
        text: expect.stringMatching(/^select organisation, id, statement/),
      }),
      expect.objectContaining({ file: 'waivers.ts', text: expect.stringMatching(/^select organisation, id, scope/) }),
    ])
    expect(statements.length).toBeGreaterThan(20)
  })
})
