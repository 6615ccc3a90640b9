/** The GitHub App of the tests: GitHub answers from a script, so that any key that signs will do. */
import { generateKeyPairSync } from 'node:crypto'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

export const appId = '42'
/** In the form in which GitHub hands it out. */
export const appKey = privateKey
/** What the environment of a connected Stemma holds. */
export const connection = { GITHUB_APP_ID: appId, GITHUB_PRIVATE_KEY: appKey }
