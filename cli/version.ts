/** The version that statements, requests and `stemma --version` name. Kept equal to package.json by a test. */
export const VERSION = '0.1.0'
export const USER_AGENT = `stemma/${VERSION} (+https://stemma.dev)`
