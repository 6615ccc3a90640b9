/** Where `stemma log audit` and `stemma export` read a log: the server of this repository, a public address, or a bundle. */
import type { LogSource } from '#core/evidence/audit.ts'
import type { Bundle } from '#core/evidence/bundle.ts'
import { type Bytes, fromBase64 } from '#core/evidence/bytes.ts'
import { type NoteVerifier, readVerifierKey } from '#core/evidence/note.ts'
import { firstOfTile, TILE_WIDTH, type Tile, tilePath } from '#core/evidence/tile.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { download } from '../io/http.ts'
import { readAllDeviceKeys } from '../io/keys.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace } from '../workspace.ts'

export interface OpenedLog {
  readonly source: LogSource
  /** Pinned: at enrolment, or given. */
  readonly logKey: string
  readonly log: NoteVerifier
}

/** Token of an auditor, for a log that is not public. */
const TOKEN_VARIABLE = 'STEMMA_LOG_TOKEN'

export interface LogOptions {
  /** Address of the log: `https://` and its origin. */
  readonly url: string | undefined
  readonly logKey: string | undefined
}

export async function openLog({ url, logKey }: LogOptions, context: Context): Promise<OpenedLog> {
  if (url === undefined) return openOwn(logKey, context)
  const prefix = url.replace(/\/+$/, '')
  if (!URL.canParse(prefix)) {
    throw new Fault('request-malformed', {
      message: `${JSON.stringify(url)} is no address of a log.`,
      hint: 'Give it whole: `stemma log audit --url https://HOST/log/ORGANISATION --log-key VKEY`.',
    })
  }
  const { origin, host, pathname } = new URL(prefix)
  const key = logKey ?? (await pinnedKey(`${host}${pathname}`, context))
  return opened(httpSource(origin, pathname, context.environment[TOKEN_VARIABLE]), key)
}

async function openOwn(logKey: string | undefined, context: Context): Promise<OpenedLog> {
  const { configuration } = await openWorkspace(context)
  const destination = await destinationOf(context, configuration?.server ?? null)
  if (destination === null) {
    throw new Fault('not-enrolled', {
      message: 'This machine is not enrolled with a server whose log it could read.',
      hint: 'Name the log: `stemma log audit --url https://HOST/log/ORGANISATION --log-key VKEY`.',
    })
  }
  const { server, enrolment } = destination
  return opened(httpSource(server, '/v1/log', enrolment.token), logKey ?? enrolment.logKey)
}

async function opened(source: LogSource, logKey: string): Promise<OpenedLog> {
  return { source, logKey, log: await readVerifierKey(logKey) }
}

async function pinnedKey(origin: string, context: Context): Promise<string> {
  const keys = (await readAllDeviceKeys(context.configurationFolder)).map(({ enrolment }) => enrolment?.logKey)
  const pinned = keys.find((key) => key?.startsWith(`${origin}+`))
  if (pinned !== undefined) return pinned
  throw new Fault('request-malformed', {
    message: `No key of the log ${origin} is pinned on this machine.`,
    hint: 'Get it from somebody whom you trust, and give it: `--log-key NAME+ID+KEY`.',
  })
}

function httpSource(server: string, path: string, token: string | undefined): LogSource {
  const get = (rest: string) => download(server, { path: `${path}/${rest}`, ...(token === undefined ? {} : { token }) })
  return {
    checkpoint: async () => {
      const bytes = await get('checkpoint')
      if (bytes !== null) return new TextDecoder().decode(bytes)
      throw new Fault('not-found', {
        message: `${server} has no log at ${path} that you may read.`,
        hint: `Check the address; a log that is not public takes an auditor's token in ${TOKEN_VARIABLE}.`,
      })
    },
    tile: (tile) => get(tilePath(tile)),
    hasTiles: true,
  }
}

/** Exactly, or as the beginning of the full tile, by which a partial one may have been replaced. null where neither is there. */
export async function fetchTile(source: LogSource, tile: Tile): Promise<Bytes | null> {
  const exact = await source.tile(tile)
  if (exact !== null || tile.width === TILE_WIDTH) return exact
  const full = await source.tile({ ...tile, width: TILE_WIDTH })
  return full === null ? null : firstOfTile(full, tile)
}

/** null for a bundle without entries. */
export function bundleSource({ log: { checkpoint, entries } }: Bundle): LogSource | null {
  if (checkpoint === null || entries === null) return null
  return {
    checkpoint: async () => checkpoint,
    tile: async ({ index }) => fromBase64(entries[index] ?? '!'),
    hasTiles: false,
  }
}
