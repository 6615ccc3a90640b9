/** `kind: Product` and `kind: Project`: named sets of repositories, to which contracts attach and postures are asked for. */
import { z } from 'zod'
import { apiVersion, documentName, RepositoryGlob, words } from './document-head.ts'

const metadata = z.strictObject({ name: documentName, title: words(120).optional() })
const spec = z.strictObject({ repositories: z.array(RepositoryGlob).min(1).max(200) })

export const ProductDocument = z.strictObject({ apiVersion, kind: z.literal('Product'), metadata, spec })
/** Narrower than a product: its contracts are nearer to a repository. */
export const ProjectDocument = z.strictObject({ apiVersion, kind: z.literal('Project'), metadata, spec })
