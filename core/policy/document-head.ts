/** What documents of every kind begin with. */
import { z } from 'zod'

export const API_VERSION = 'stemma.dev/v1'

export const documentName = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens, such as `payments-team`')

/** `owner/name` with `*` for any part of either; compared without regard to case, as GitHub does. */
export const RepositoryGlob = z
  .string()
  .max(140)
  .regex(/^[\w.*-]+\/[\w.*-]+$/, 'must be `owner/name`, each with `*` for any part of it, such as `acme/*`')

/**
 * Frameworks that have a check of their own. Each costs two writes a push beside the three of check and comment, and GitHub
 * takes 500 an hour of an installation: with five a push costs thirteen.
 */
export const MAX_FRAMEWORK_CHECKS = 5
export const FrameworkChecks = z.array(documentName).max(MAX_FRAMEWORK_CHECKS)

export const apiVersion = z.literal(API_VERSION)

/** Words that people read in reports and on the dashboard. */
export function words(maximum: number) {
  return z.string().trim().min(1).max(maximum)
}
