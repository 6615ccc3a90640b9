/** The ids are ours: the track numbers levels, not requirements. Level 1, to keep the source in a version control system, is left out. */
import type { Framework } from '../framework.ts'

export const slsaSource: Framework = {
  id: 'slsa-source',
  title: 'SLSA source track',
  version: '1.2',
  publisher: 'OpenSSF',
  url: 'https://slsa.dev/spec/v1.2/source-requirements',
  source:
    'Source track of the SLSA specification, version 1.2, November 2025: level 2 history and provenance, with identity management; level 3 continuous technical controls; level 4 two-party review (https://slsa.dev/spec/v1.2/source-requirements).',
  about:
    'What evidence of sessions and pull requests adds to the source track. A level itself is claimed by the source control system; Stemma is no verifier of it.',
  controls: [
    {
      id: 'source-l2-history',
      group: 'Level 2',
      title: 'History of branches stays',
      about: 'No agent rewrote or removed what was pushed. Rules of the forge must hold people to the same.',
      policies: ['no-force-push'],
      attestation: 'Rules of the forge forbid rewriting of protected branches.',
    },
    {
      id: 'source-l2-provenance',
      group: 'Level 2',
      title: 'How a revision came to be is recorded',
      about: 'Commits have signed evidence, which says who wrote their lines.',
      policies: ['session-present', 'evidence-complete'],
      attestation: null,
    },
    {
      id: 'source-l2-identity',
      group: 'Level 2',
      title: 'Changes belong to identities',
      about: 'Commits with AI-written lines are signed by a person.',
      policies: ['signed-commits'],
      attestation: 'The forge authenticates everybody who pushes, with a second factor.',
    },
    {
      id: 'source-l3-controls',
      group: 'Level 3',
      title: 'Technical controls are enforced without gaps',
      about: 'Hooks, pipelines and checks were neither left out nor weakened.',
      policies: ['no-hook-bypass', 'protected-paths', 'no-test-tampering'],
      attestation: null,
    },
    {
      id: 'source-l4-review',
      group: 'Level 4',
      title: 'Two people agree to each change',
      about: 'Somebody other than the author approved the latest version.',
      policies: ['human-review'],
      attestation: null,
    },
  ],
}
