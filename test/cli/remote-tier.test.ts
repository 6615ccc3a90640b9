import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '#cli/io/configuration.ts'
import { narrower, remotePlace, tierFor } from '#cli/io/remote-tier.ts'

const listed = parseConfiguration(
  [
    'apiVersion: stemma.dev/v1',
    'tier: full',
    'remotes:',
    '  - { match: github.com/acme/public-*, tier: metadata }',
    '  - { match: github.com/acme/*, tier: redacted }',
    '  - { match: git.acme.example/**, tier: full }',
  ].join('\n'),
)

describe('what may leave for a remote', () => {
  it.each([
    ['https://github.com/acme/shop.git', 'redacted'],
    ['git@github.com:acme/shop.git', 'redacted'],
    ['ssh://git@GitHub.com:22/acme/public-site', 'metadata'],
    ['https://user:word@git.acme.example/deep/er/shop.git', 'full'],
    ['https://github.com/somebody/shop', null],
    ['https://evil.example/github.com/acme/shop', null],
    ['/srv/git/shop.git', null],
    [null, null],
  ])('%s: %s', (remote, tier) => {
    expect(tierFor(listed, remote)).toBe(tier)
  })

  it('is the project’s tier where there is no list, and redacted where nothing is said', () => {
    expect(tierFor(parseConfiguration('apiVersion: stemma.dev/v1\ntier: metadata\n'), null)).toBe('metadata')
    expect(tierFor(parseConfiguration('apiVersion: stemma.dev/v1\n'), 'https://x.example/a/b')).toBe('redacted')
    expect(tierFor(null, null)).toBe('redacted')
  })

  it('keeps what an older file says', () => {
    expect(parseConfiguration('apiVersion: stemma.dev/v1\ntier: full\n').tier).toBe('full')
  })

  it('is the narrower of what project and organisation say', () => {
    expect(narrower('full', 'redacted')).toBe('redacted')
    expect(narrower('metadata', 'full')).toBe('metadata')
    expect(narrower(null, 'full')).toBeNull()
  })

  it('goes by host and path', () => {
    expect(remotePlace('ssh://git@host.example:7999/team/shop.git/')).toBe('host.example/team/shop')
  })
})
