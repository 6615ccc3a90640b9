/** Repositories, refs and contents over REST. */
import type { Context } from '../context.ts'
import { listTree, type TreeEntry } from '../git/refs.ts'
import { git, readBlob, resolveCommit, tryGit } from '../git/run.ts'
import { pageOf } from '../paging.ts'
import { notFound } from '../refusal.ts'
import { type AskedOfRepository, ok, type Router } from '../route.ts'
import { nodeId, publicUserShape } from '../shapes/account.ts'
import { fullRepositoryShape, repositoryApi, repositoryPage } from '../shapes/repository.ts'
import type { Repository } from '../state.ts'

const metadata = { permissions: ['metadata'], level: 'read' } as const
const reading = { permissions: ['contents'], level: 'read' } as const

/** Base64 in lines of 60 characters, as GitHub sends it. */
const inLines = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{1,60}/g, '$&\n')

/** Files above 1 MB come without content, unless raw is asked for. */
const MAX_INLINE_BYTES = 1_000_000

function kindOf(entry: TreeEntry): 'file' | 'dir' | 'symlink' | 'submodule' {
  if (entry.type === 'tree') return 'dir'
  if (entry.type === 'commit') return 'submodule'
  return entry.mode === '120000' ? 'symlink' : 'file'
}

function entryShape(context: Context, repository: Repository, { entry, ref }: { entry: TreeEntry; ref: string }) {
  const path = entry.path.split('/').map(encodeURIComponent).join('/')
  const api = repositoryApi(context, repository)
  const page = repositoryPage(context, repository)
  const isFolder = entry.type === 'tree'
  const self = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`
  const git_url = `${api}/git/${isFolder ? 'trees' : 'blobs'}/${entry.sha}`
  const html_url = `${page}/${isFolder ? 'tree' : 'blob'}/${encodeURIComponent(ref)}/${path}`
  return {
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    type: kindOf(entry),
    url: self,
    html_url,
    git_url,
    download_url: isFolder ? null : `${page}/raw/${encodeURIComponent(ref)}/${path}`,
    _links: { self, git: git_url, html: html_url },
  }
}

export function repositoryRoutes(router: Router, context: Context): void {
  router.forRepository('repos/get', metadata, ({ repository }) => ok(fullRepositoryShape(context, repository)))

  router.forRepository('repos/get-branch-rules', metadata, (asked) => {
    const { repository, param } = asked
    const checks = param('branch') === repository.defaultBranch ? repository.requiredChecks : []
    const rule = {
      type: 'required_status_checks',
      parameters: {
        required_status_checks: checks.map(({ context: name, integrationId }) => ({
          context: name,
          ...(integrationId === undefined ? {} : { integration_id: integrationId }),
        })),
        strict_required_status_checks_policy: false,
      },
      ruleset_source_type: 'Repository',
      ruleset_source: `${repository.owner}/${repository.name}`,
      ruleset_id: repository.id,
    }
    const { items, headers } = pageOf(checks.length === 0 ? [] : [rule], asked)
    return ok(items, headers)
  })

  router.forInstallation('users/get-by-username', ({ param }) => {
    const login = param('username').toLowerCase()
    const account = context.state.accounts.find((one) => one.login.toLowerCase() === login)
    if (account === undefined) throw notFound()
    return ok(publicUserShape(context, account))
  })

  router.forRepository('git/get-ref', reading, async ({ repository, param }) => {
    const ref = `refs/${param('ref')}`
    const { code, stdout } = await tryGit(repository.path, ['show-ref', '--verify', '--hash', ref])
    if (code !== 0) throw notFound()
    const sha = stdout.trim()
    const type = (await git(repository.path, ['cat-file', '-t', sha])).trim()
    const api = repositoryApi(context, repository)
    const url = `${api}/git/${ref.split('/').map(encodeURIComponent).join('/')}`
    const object = { sha, type, url: `${api}/git/${type}s/${sha}` }
    return ok({ ref, node_id: nodeId('Ref', repository.id), url, object })
  })

  router.forRepository('repos/get-content', reading, async (asked: AskedOfRepository) => {
    const { repository, param, query, request } = asked
    const ref = query('ref') ?? repository.defaultBranch
    const commit = await resolveCommit(repository.path, ref)
    if (commit === null) throw notFound()
    const path = param('path').replace(/\/+$/, '')
    const [entry] = path === '' ? [] : await listTree(repository.path, commit, path)
    if (path !== '' && entry === undefined) throw notFound()
    if (entry === undefined || entry.type === 'tree') {
      const entries = await listTree(repository.path, commit, path === '' ? '' : `${path}/`)
      return ok(entries.map((one) => entryShape(context, repository, { entry: one, ref })))
    }
    const shape = entryShape(context, repository, { entry, ref })
    if (shape.type === 'submodule') return ok({ ...shape, submodule_git_url: null })
    const bytes = await readBlob(repository.path, entry.sha)
    if (shape.type === 'symlink') return ok({ ...shape, target: bytes.toString('utf8') })
    if (/application\/vnd\.github(\.v3)?\.raw/.test(request.headers.get('accept') ?? ''))
      return {
        status: 200,
        text: { type: 'application/vnd.github.v3.raw; charset=utf-8', content: new Uint8Array(bytes) },
      }
    const isInline = bytes.byteLength <= MAX_INLINE_BYTES
    return ok({
      ...shape,
      encoding: isInline ? 'base64' : 'none',
      content: isInline ? inLines(bytes) : '',
    })
  })
}
