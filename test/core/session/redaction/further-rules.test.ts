import { describe, expect, test } from 'vitest'
import { furtherRulesOf, RedactionSettings } from '#core/policy/redaction-settings.ts'
import { withoutBinaries } from '#core/session/redaction/binaries.ts'
import { commitmentOf } from '#core/session/redaction/commitment.ts'
import { personalDataKinds, personalDataSearch } from '#core/session/redaction/personal-data.ts'
import { redactSession } from '#core/session/redaction.ts'
import { prompt, sessionOf, toolCall, toolResult } from '../sample-session.ts'

describe('an organisation’s own patterns', () => {
  const settings = RedactionSettings.parse({
    patterns: [
      { name: 'ticket', pattern: 'SHOP-\\d{4,6}' },
      { name: 'customer', pattern: 'customer=(\\w+)', keywords: ['customer'] },
    ],
  })
  const options = { furtherRules: furtherRulesOf([settings]) }

  test('take out what they name, a group alone where there is one', async () => {
    const { session, redacted } = await redactSession(
      sessionOf([prompt('see SHOP-12345 of Customer=no and customer=ada1')]),
      options,
    )
    expect(session.events[0]).toMatchObject({
      text: 'see [REDACTED:custom-ticket] of Customer=no and customer=[REDACTED:custom-customer]',
    })
    expect(redacted).toEqual({ 'custom-customer': 1, 'custom-ticket': 1 })
  })

  test('see base64 and escapes undone, like every rule', async () => {
    const text = `${btoa('this is the ticket SHOP-12345 of today')} and a%20SHOP%2D12345`
    const { session } = await redactSession(sessionOf([prompt(text)]), options)
    expect(session.events[0]).toMatchObject({ text: '[REDACTED:custom-ticket]= and a%20[REDACTED:custom-ticket]' })
  })

  test.each([
    [{ name: 'Bad Name', pattern: 'x' }],
    [{ name: 'bad', pattern: '(' }],
    [{ name: 'bad', pattern: '(?=x)' }],
    [{ name: 'bad', pattern: '' }],
  ])('%j is refused', (rule) => {
    expect(RedactionSettings.safeParse({ patterns: [rule] }).success).toBe(false)
  })

  test('a pattern that would backtrack elsewhere takes linear time', async () => {
    const evil = RedactionSettings.parse({ patterns: [{ name: 'evil', pattern: '(a+)+$' }] })
    const { redacted } = await redactSession(sessionOf([prompt(`${'a'.repeat(5_000)}b`)]), {
      furtherRules: furtherRulesOf([evil]),
    })
    expect(redacted).toEqual({})
  })
})

describe('personal data', () => {
  const found = (text: string) =>
    personalDataSearch(personalDataKinds)(text).map(({ start, end, rule }) => `${rule} ${text.slice(start, end)}`)

  test.each([
    ['mail ada@lovelace.io today', 'personal-email ada@lovelace.io'],
    ['call +44 20 7946 0958 now', 'personal-phone +44 20 7946 0958'],
    ['pay to DE89 3704 0044 0532 0130 00.', 'personal-iban DE89 3704 0044 0532 0130 00'],
    ['card 4111 1111 1111 1111 ok', 'personal-card 4111 1111 1111 1111'],
    ['from 84.12.7.9 it came', 'personal-ip-address 84.12.7.9'],
    ['from 2001:db8:85a3:8d3:1319:8a2e:370:7348', 'personal-ip-address 2001:db8:85a3:8d3:1319:8a2e:370:7348'],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual([expected])
  })

  test.each([
    'git@github.com:ada/shop.git and ada@example.org',
    'DE89 3704 0044 0532 0130 01 and GB00WEST12345698765432',
    '4111 1111 1111 1112 and 1700000000000 and 20261122101112',
    'version 1.2.3 of 127.0.0.1 and 10.0.0.1.5',
    'the commit 4374173aa0b6c1d2e3f405162738495a6b7c8d9e + 12',
  ])('%s is none', (text) => {
    expect(found(text)).toEqual([])
  })

  test('stays unless it is asked for', async () => {
    const session = sessionOf([prompt('mail ada@lovelace.io')])
    expect((await redactSession(session)).session).toEqual(session)
    const asked = RedactionSettings.parse({ personalData: ['email'] })
    const { redacted } = await redactSession(session, { furtherRules: furtherRulesOf([asked]) })
    expect(redacted).toEqual({ 'personal-email': 1 })
  })
})

describe('pictures and other binaries', () => {
  const picture = `iVBORw0KGgo${'Zm9vYmFy'.repeat(60)}`

  test('become a digest', async () => {
    const session = sessionOf([prompt(`see ![x](data:image/png;base64,${picture})`), toolResult([picture])])
    const { events, dropped } = await withoutBinaries(session.events)
    expect(events[0]).toMatchObject({
      text: expect.stringMatching(
        /^see !\[x\]\(data:image\/png;base64,\[BINARY:image\/png:491:sha256:[0-9a-f]{64}\]\)$/,
      ),
    })
    expect(JSON.stringify(events)).not.toContain('Zm9vYmFy')
    expect(dropped).toEqual({ 'image/png': 2 })
  })

  /** Bytes as a compressed file has them, the same in every run. */
  const noise = (length: number): string => {
    const bytes = new Uint8Array(length)
    let state = 7
    for (let at = 0; at < length; at++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      bytes[at] = state >>> 16
    }
    return btoa(String.fromCharCode(...bytes))
  }

  test('do so in lines, where their beginning was cut off, and where nobody knows their kind', async () => {
    const wrapped = `${picture}${noise(627)}`.replace(/.{76}/g, '$&\n')
    const texts = [
      `$ base64 shop.png\n${wrapped}\ndone`,
      JSON.stringify({ file: wrapped }),
      `… 90000 characters left out …\n${noise(3_000)}`,
    ]
    const { events, dropped } = await withoutBinaries(sessionOf(texts.map((text, at) => prompt(text, `p${at}`))).events)
    expect(dropped).toEqual({ 'application/octet-stream': 1, 'image/png': 2 })
    expect(JSON.stringify(events).length).toBeLessThan(1_500)
    expect(events[0]).toMatchObject({ text: expect.stringMatching(/^\$ base64 shop\.png\n\[BINARY:.*\]\ndone$/) })
  })

  test('a key in lines is left to the rule for keys', async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${noise(2_400).replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----`
    const { events } = sessionOf([prompt(key), prompt(JSON.stringify(key), 'p2')])
    expect(await withoutBinaries(events)).toEqual({ events, dropped: {} })
    expect((await redactSession(sessionOf(events))).redacted).toEqual({ 'private-key': 2 })
  })

  test('texts in base64, hashes and small icons stay', async () => {
    const { events } = sessionOf([prompt(btoa('a text, and no picture '.repeat(40))), prompt(picture.slice(0, 200))])
    expect(await withoutBinaries(events)).toEqual({ events, dropped: {} })
  })
})

describe('the manifest', () => {
  const commitmentKey = new Uint8Array(32).fill(7)
  const secret = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_')

  test('tells rule, event, leaf and about how long, and commits to the original', async () => {
    const session = sessionOf([prompt(`use ${secret}`, 'p1'), toolCall({ config: [{ note: secret }] }, 'c1')])
    const { manifest } = await redactSession(session, { commitmentKey })
    const place = { rule: 'github-token', event: 'p1', leaf: 'text' }
    expect(manifest.map(({ commitment, ...entry }) => entry)).toEqual([
      { ...place, length: '16-63' },
      { rule: 'github-token', event: session.events[1]?.id, leaf: 'input.config.0.note', length: '16-63' },
    ])
    expect(manifest[0]?.commitment).toBe(await commitmentOf({ ...place, text: secret }, commitmentKey))
    expect(manifest[0]?.commitment).not.toBe(await commitmentOf({ ...place, text: `${secret}x` }, commitmentKey))
    // The same secret at another place cannot be told from another secret.
    expect(manifest[1]?.commitment).not.toBe(manifest[0]?.commitment)
    expect(JSON.stringify(manifest)).not.toContain(secret)
  })

  test('names a key that is a secret itself by its placeholder', async () => {
    const { manifest } = await redactSession(sessionOf([toolCall({ [secret]: { password: 'tr0ubador&3' } })]), {
      commitmentKey,
    })
    expect(manifest.map(({ leaf }) => leaf)).toEqual(['input', 'input.[REDACTED:github-token].password'])
  })

  test('is empty without a key', async () => {
    expect((await redactSession(sessionOf([prompt(secret)]))).manifest).toEqual([])
  })
})
