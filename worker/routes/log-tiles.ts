/**
 * The log for outsiders (C2SP tlog-tiles): checkpoint, tiles and entries, and proofs for whoever does not want to make
 * them. Below `/log/{organisation}`, which is the log's origin, and below `/v1/log` for the caller's own.
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { ConsistencyView } from '#core/api/log.ts'
import type { Bytes } from '#core/evidence/bytes.ts'
import { firstOfTile, readTilePath, TILE_WIDTH, type Tile } from '#core/evidence/tile.ts'
import { Fault } from '#core/fault.ts'
import { type AppEnv, createRouter } from '../context.ts'
import { authenticateReader, readersOf, requireReader } from '../middleware/log-reader.ts'
import { logObjectsOf } from '../store/log-objects.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

/** The checkpoint changes at most once a second (tlog-tiles: no caching beyond a few seconds). */
const CHECKPOINT_SECONDS = 2
/** Tiles never change. */
const TILE_SECONDS = 31_536_000

const text = (description: string) => ({ description, content: { 'text/plain': { schema: z.string() } } })
const bytes = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
})

interface Place {
  readonly prefix: '/v1/log' | '/log/{organisation}'
  readonly middleware: typeof authenticateReader
  readonly organisationOf: (context: Context<AppEnv>) => string
}

const places: readonly Place[] = [
  {
    prefix: '/v1/log',
    middleware: authenticateReader,
    organisationOf: (context) => context.get('principal').organisation.id,
  },
  {
    prefix: '/log/{organisation}',
    middleware: requireReader,
    organisationOf: (context) => context.req.param('organisation') ?? '',
  },
]

export const logTiles = createRouter()
for (const place of places) addRoutes(place)

function addRoutes({ prefix, middleware, organisationOf }: Place): void {
  const shared = { security: bearer, middleware: [middleware] }
  const parameters = prefix === '/v1/log' ? z.object({}) : z.object({ organisation: z.string() })
  const refusals = problems(...credentialProblems, 'request-malformed', 'not-found')
  const logOf = (context: Context<AppEnv>) => context.env.EVIDENCE_LOG.getByName(organisationOf(context))

  logTiles.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: `${prefix}/checkpoint`,
      summary: 'The published checkpoint with its cosignatures; every tile under it can be read',
      request: { params: parameters },
      responses: { 200: text('A signed note.'), ...refusals },
    }),
    async (context) => {
      const organisation = organisationOf(context)
      const published = await logObjectsOf(organisation, context.env.BLOBS).checkpoint()
      const note = published?.note ?? (await unpublished(logOf(context)))
      const headers = { 'cache-control': `${await scope(context, organisation)}, max-age=${CHECKPOINT_SECONDS}` }
      return context.text(note, 200, headers)
    },
  )

  logTiles.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: `${prefix}/key`,
      summary: 'The verifier key of the log (C2SP signed-note vkey); compare it with one that you got elsewhere',
      request: { params: parameters },
      responses: { 200: text('name+id+key'), ...refusals },
    }),
    async (context) => context.text(`${await logOf(context).verifierKey()}\n`, 200),
  )

  logTiles.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: `${prefix}/consistency`,
      summary: 'Proof that the tree of `to` leaves only appended to the tree of `from` leaves',
      request: {
        params: parameters,
        query: z.object({ from: z.coerce.number().int().min(1), to: z.coerce.number().int().min(1).optional() }),
      },
      responses: { 200: json('The proof.', ConsistencyView), ...refusals },
    }),
    async (context) => {
      const { from, to } = context.req.valid('query')
      const { proof, checkpoint, size } = await logOf(context).consistency(from, to)
      return context.json({ from, to: to ?? size, proof: [...proof], checkpoint }, 200)
    },
  )

  logTiles.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: `${prefix}/proof/{index}`,
      summary: 'A fresh receipt of a leaf (C2SP tlog-proof)',
      request: { params: parameters.extend({ index: z.coerce.number().int().min(0) }) },
      responses: { 200: text('c2sp.org/tlog-proof@v1'), ...refusals },
    }),
    async (context) => context.text((await logOf(context).receipt(context.req.valid('param').index)).receipt, 200),
  )

  // Indexes of tiles have slashes in them, which a path parameter of OpenAPI has not: described here, routed below.
  logTiles.openAPIRegistry.registerPath({
    method: 'get',
    path: `${prefix}/tile/{level}/{index}`,
    summary: 'A tile: `level` is 0 to 6 or `entries`; `index` as in `000`, `x001/234`, `000.p/17` (C2SP tlog-tiles)',
    security: bearer,
    request: { params: parameters.extend({ level: z.string(), index: z.string() }) },
    responses: { 200: bytes('Up to 256 hashes, or as many entries behind their lengths.'), ...refusals },
  })
  logTiles.get(`${prefix.replace('{organisation}', ':organisation')}/tile/*`, middleware, async (context) => {
    const organisation = organisationOf(context)
    const path = context.req.path
    const tile = readTilePath(path.slice(path.indexOf('/tile/') + 1))
    const found = tile === null ? null : await readTile(context, organisation, tile)
    if (found === null) {
      throw new Fault('not-found', {
        message: 'The log has no such tile.',
        hint: `See how large it is with \`GET ${prefix}/checkpoint\`; paths are described at https://c2sp.org/tlog-tiles.`,
      })
    }
    return context.body(found, 200, {
      'content-type': 'application/octet-stream',
      'cache-control': `${await scope(context, organisation)}, max-age=${TILE_SECONDS}, immutable`,
    })
  })
}

/** From the bucket, exactly or as the beginning of the full tile; else from the object, which knows what is not uploaded yet. */
async function readTile(context: Context<AppEnv>, organisation: string, tile: Tile): Promise<Bytes | null> {
  const objects = logObjectsOf(organisation, context.env.BLOBS)
  const stored = await objects.getTile(tile)
  if (stored !== null) return stored
  const full = tile.width === TILE_WIDTH ? null : await objects.getTile({ ...tile, width: TILE_WIDTH })
  if (full !== null) return firstOfTile(full, tile)
  return context.env.EVIDENCE_LOG.getByName(organisation).tile(tile)
}

/** A log that is smaller than its first publication: the empty tree, which needs no tiles. */
async function unpublished(log: ReturnType<AppEnv['Bindings']['EVIDENCE_LOG']['getByName']>): Promise<string> {
  await log.publish(Date.now())
  return (await log.checkpoint()).note
}

/** Shared caches keep only what anybody may read. */
async function scope(context: Context<AppEnv>, organisation: string): Promise<'public' | 'private'> {
  return (await readersOf(context, organisation)) === 'public' ? 'public' : 'private'
}
