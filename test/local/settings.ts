/** What a local platform must remember between two starts: its secrets and ports. Made once, kept beside the data. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Settings {
  readonly setupToken: string
  readonly webhookSecret: string
  readonly appId: number
  /** PKCS#1, the form in which GitHub offers the download, so that the platform's conversion is exercised. */
  readonly privateKey: string
  readonly publicKey: string
  readonly port: number
  readonly githubPort: number
  /** Known once the organisation exists. */
  readonly administratorToken: string | null
  readonly hasSample: boolean
}

const file = (directory: string): string => join(directory, 'settings.json')

export function readSettings(directory: string): Settings | null {
  return existsSync(file(directory)) ? (JSON.parse(readFileSync(file(directory), 'utf8')) as Settings) : null
}

export function writeSettings(directory: string, settings: Settings): Settings {
  mkdirSync(directory, { recursive: true })
  writeFileSync(file(directory), `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  return settings
}

export function newSettings(): Settings {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return {
    setupToken: randomBytes(24).toString('base64url'),
    webhookSecret: randomBytes(24).toString('base64url'),
    appId: 4242,
    privateKey,
    publicKey,
    port: 8787,
    githubPort: 8788,
    administratorToken: null,
    hasSample: false,
  }
}
