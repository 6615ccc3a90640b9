/** The forge answered that a repository bears another name: find it by its id, and take along what is stored. */
import type { Message } from '#core/api/messages.ts'
import type { Env } from '#worker/env.ts'
import { openDatabase } from '#worker/store/database.ts'
import { followRepository } from './follow-repository.ts'

type RepositoryMovedMessage = Extract<Message, { readonly type: 'repository-moved' }>

export async function onRepositoryMoved(
  { organisation, installation, repository: name, id }: RepositoryMovedMessage,
  env: Env,
): Promise<void> {
  const place = { organisation, database: openDatabase(env.DB), env }
  await followRepository({ installation, id, name, formers: [name] }, place)
}
