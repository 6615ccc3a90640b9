/** The version that statements, requests and `stemma --version` name. */
import manifest from '../package.json' with { type: 'json' }

export const VERSION: string = manifest.version
export const USER_AGENT = `stemma/${VERSION} (+https://stemma.dev)`
