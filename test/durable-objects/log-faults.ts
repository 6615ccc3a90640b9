/** A log's object whose every write can be made to fail, as a crash does: from then on nothing of that instance works. */
import { env } from 'cloudflare:workers'
import { EvidenceLog } from '#objects/evidence-log.ts'
import type { Env } from '#worker/env.ts'

/** `torn`: half of it is done, where it has halves. */
export type Fault = { readonly at: string; readonly mode: 'before' | 'after' | 'torn' }

/** A single row is there or it is not; rows of a transaction, objects and lists have halves. */
export function modesOf(write: string): readonly Fault['mode'][] {
  return /^(put|transaction|delete|row (leaf|node)$)/.test(write) ? ['before', 'after', 'torn'] : ['before', 'after']
}

export class Crash extends Error {}

export interface Instance {
  readonly log: EvidenceLog
  /** Names of the writes, in order, repetitions left out. */
  readonly writes: readonly string[]
  readonly isDead: () => boolean
}

/** What lies below the proxies that were put over a state before. */
const storages = new WeakMap<DurableObjectState, DurableObjectStorage>()

/** One instance over the object's real storage and bucket. Alarms are swallowed: the test itself says when to publish. */
export function startInstance(state: DurableObjectState, fault: Fault | null, change: Partial<Env> = {}): Instance {
  const writes: string[] = []
  let isDead = false
  const crash = (): never => {
    isDead = true
    throw new Crash('the process ended')
  }
  /** `half` does half of the write; null where the whole is what happens or not. */
  const write = <T>(name: string, whole: () => T, half: (() => unknown) | null): T | Promise<T> => {
    if (isDead) throw new Crash('the process has ended')
    if (!writes.includes(name)) writes.push(name)
    if (fault?.at !== name) return whole()
    if (fault.mode === 'before') return crash()
    let done: unknown
    try {
      done = fault.mode === 'after' ? whole() : half?.()
    } catch {
      return crash()
    }
    return done instanceof Promise ? done.then(crash, crash) : crash()
  }
  const alive = <T>(read: () => T): T => {
    if (isDead) throw new Crash('the process has ended')
    return read()
  }

  const storage = storages.get(state) ?? state.storage
  storages.set(state, storage)
  /** Rows of one transaction: torn means that the first of them was written. */
  const sql = new Proxy(storage.sql, {
    get: (target, property) => {
      if (property !== 'exec') return bound(target, property)
      return (query: string, ...bindings: unknown[]) => {
        const name = nameOf(query)
        const run = () => target.exec(query, ...bindings)
        if (name === null) return alive(run)
        if (fault?.mode === 'torn' && fault.at === name && !writes.includes(name)) {
          writes.push(name)
          return run()
        }
        return write(name, run, null)
      }
    },
  })
  const proxied = new Proxy(storage, {
    get: (target, property) => {
      if (property === 'sql') return sql
      if (property === 'setAlarm') return () => write('alarm', () => Promise.resolve(), null)
      if (property === 'transactionSync') {
        return (closure: () => unknown) =>
          write(
            'transaction',
            () => target.transactionSync(closure),
            () =>
              target.transactionSync(() => {
                closure()
                throw new Crash('the disk ended within the transaction')
              }),
          )
      }
      return bound(target, property)
    },
  })

  const bucket = new Proxy(env.BLOBS, {
    get: (target, property) => {
      if (property === 'put') {
        return (
          key: string,
          value: Uint8Array<ArrayBuffer> | string,
          options: R2PutOptions & { onlyIf: R2Conditional },
        ) =>
          write(
            `put ${shortKey(key)}`,
            () => target.put(key, value, options),
            () => target.put(key, value.slice(0, Math.floor(value.length / 2)), options),
          )
      }
      if (property === 'delete') {
        return (keys: string[]) =>
          write(
            'delete',
            () => target.delete(keys),
            () => target.delete(keys.slice(0, 1)),
          )
      }
      const method: unknown = Reflect.get(target, property)
      return typeof method === 'function' ? (...words: unknown[]) => alive(() => method.apply(target, words)) : method
    },
  })

  // The platform takes only its own state object; ours lies over the storage of that one while the instance is made.
  Object.defineProperty(state, 'storage', { value: proxied, configurable: true })
  const log = new EvidenceLog(state, { ...env, BLOBS: bucket, ...change })
  return { log, writes, isDead: () => isDead }
}

/** null for what only reads or only makes tables. */
function nameOf(query: string): string | null {
  const [, inserted, updated, column] = /^\s*(?:INSERT(?: OR \w+)? INTO (\w+)|UPDATE (\w+) SET (\w+))/.exec(query) ?? []
  if (inserted !== undefined) return `row ${inserted}`
  return updated === undefined ? null : `row ${updated}.${column}`
}

function shortKey(key: string): string {
  return key.replace(/^org\/[^/]+\/log\//, '')
}

function bound(target: object, property: string | symbol): unknown {
  const value: unknown = Reflect.get(target, property)
  return typeof value === 'function' ? value.bind(target) : value
}
