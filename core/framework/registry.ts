/** Every framework. Posture, exports and docs pages follow from this list. */
import type { Framework } from './framework.ts'
import { aiReadiness } from './frameworks/ai-readiness.ts'
import { euAiAct } from './frameworks/eu-ai-act.ts'
import { iso42001 } from './frameworks/iso-42001.ts'
import { nistSsdf } from './frameworks/nist-ssdf.ts'
import { owaspAgentic } from './frameworks/owasp-agentic.ts'
import { slsaSource } from './frameworks/slsa-source.ts'

export const frameworks: readonly Framework[] = [aiReadiness, nistSsdf, slsaSource, owaspAgentic, iso42001, euAiAct]
