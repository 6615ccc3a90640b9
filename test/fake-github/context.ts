/** What every part of one running fake shares. */
import type { CryptoKey, KeyObject } from 'jose'
import type { DeviceFlow } from './device-flow.ts'
import type { Faults } from './faults.ts'
import type { Specification } from './openapi.ts'
import type { PermissionLevel, State } from './state.ts'
import type { Webhooks } from './webhooks.ts'

/** The one App that is registered at this GitHub. */
export interface RegisteredApp {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly owner: string
  readonly permissions: Readonly<Record<string, PermissionLevel>>
  readonly events: readonly string[]
  readonly publicKey: CryptoKey | KeyObject
  readonly createdAt: string
}

export interface Context {
  readonly app: RegisteredApp
  readonly state: State
  readonly specification: Specification
  readonly faults: Faults
  readonly webhooks: Webhooks
  readonly deviceFlow: DeviceFlow
  /** Folder under which repositories are created. */
  readonly repositoriesFolder: string
  readonly tokenLifetimeSeconds: number
  /** Requests an hour for each installation. */
  readonly rateLimit: number
  /** Whether the limits on creating content (80 a minute, 500 an hour, 900 points a minute) are enforced. */
  readonly secondaryLimits: boolean
  /** Own address, without a slash at the end. Known once the server listens. */
  readonly url: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Says that state changed and should be kept. */
  readonly changed: () => void
  /** Runs one change of git and state at a time. */
  readonly serially: <T>(work: () => Promise<T>) => Promise<T>
}
