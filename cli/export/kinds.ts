/** Every form of `stemma export`; the flags derive from it. */
import { agentTraceKind, gitAiKind } from './attribution.ts'
import { evidenceKind, sigstoreKind } from './evidence.ts'
import type { ExportKind } from './kind.ts'

export const exportKinds: readonly ExportKind[] = [evidenceKind, sigstoreKind, agentTraceKind, gitAiKind]
