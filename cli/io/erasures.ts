/** Erasures that this machine was told of: `<state>/receipts/<evidence id>.erasure.json`, beside the receipt they concern. */
import { join } from 'node:path'
import { Erasure } from '#core/api/retention.ts'
import { readText, writeDurably } from './files.ts'
import { readAllReceipts } from './receipts.ts'

function pathOf(stateDirectory: string, evidenceId: string): string {
  return join(stateDirectory, 'receipts', `${evidenceId}.erasure.json`)
}

/** null where none is known, or what is there is damaged. */
export async function readErasure(stateDirectory: string, evidenceId: string): Promise<Erasure | null> {
  const text = await readText(pathOf(stateDirectory, evidenceId))
  if (text === null) return null
  try {
    return Erasure.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export async function noteErasure(stateDirectory: string, evidenceId: string, erasure: Erasure): Promise<void> {
  await writeDurably(pathOf(stateDirectory, evidenceId), `${JSON.stringify(erasure)}\n`)
}

/** For all evidence of a session that this machine sent to the server with its transcript. */
export async function noteErasureOfSession(
  stateDirectory: string,
  { server, session, erasure }: { readonly server: string; readonly session: string; readonly erasure: Erasure },
): Promise<void> {
  for (const receipt of await readAllReceipts(stateDirectory)) {
    const { id, session: named, transcript } = receipt.notes
    if (receipt.server !== server || named !== session || transcript === null) continue
    if ((await readErasure(stateDirectory, id)) === null) await noteErasure(stateDirectory, id, erasure)
  }
}
