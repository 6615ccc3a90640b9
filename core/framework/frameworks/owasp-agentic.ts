/** ASI07 (insecure communication between agents) and ASI08 (cascading failures) are left out: a transcript of one agent does not show them. */
import type { Framework } from '../framework.ts'

export const owaspAgentic: Framework = {
  id: 'owasp-agentic',
  title: 'OWASP Top 10 for Agentic Applications',
  version: '2026',
  publisher: 'OWASP GenAI Security Project',
  url: 'https://genai.owasp.org/resource/owasp-top-10-for-agentic-applications-for-2026/',
  source:
    'Risks ASI01 to ASI10 of the OWASP Top 10 for Agentic Applications 2026, OWASP GenAI Security Project, 9 December 2025.',
  about:
    'The risks as they show in coding agents. Left out is what a transcript says nothing about: messages between agents of different owners, and failures that spread through other systems.',
  controls: [
    {
      id: 'ASI01',
      group: 'Risks',
      title: 'Goals are not taken over',
      about: 'Strangers’ words, private data and a way out did not meet. That no words steered the agent is not shown.',
      policies: ['lethal-trifecta'],
      attestation: null,
    },
    {
      id: 'ASI02',
      group: 'Risks',
      title: 'Tools are not misused',
      about: 'Destructive commands, unapproved hosts and rewritten history.',
      policies: ['no-dangerous-commands', 'network-egress', 'no-force-push'],
      attestation: null,
    },
    {
      id: 'ASI03',
      group: 'Risks',
      title: 'Identity and rights are not abused',
      about: 'Credentials stayed unread, and modes without questions unused.',
      policies: ['no-secret-access', 'no-secrets-in-transcript', 'permission-mode'],
      attestation: null,
    },
    {
      id: 'ASI04',
      group: 'Risks',
      title: 'What agents are made of is trusted',
      about: 'Agents, models, servers, skills and packages are approved.',
      policies: [
        'approved-agents',
        'approved-models',
        'approved-mcp-servers',
        'approved-skills',
        'no-package-install-outside-allowlist',
      ],
      attestation: null,
    },
    {
      id: 'ASI05',
      group: 'Risks',
      title: 'No code runs unexpectedly',
      about: 'Downloads were not run unread, and commands ran in a sandbox.',
      policies: ['no-dangerous-commands', 'sandboxed'],
      attestation: null,
    },
    {
      id: 'ASI06',
      group: 'Risks',
      title: 'Memory and context stay clean',
      about: 'Instructions and settings are those that were accepted. Memory of the vendor is not visible.',
      policies: ['config-drift'],
      attestation: null,
    },
    {
      id: 'ASI09',
      group: 'Risks',
      title: 'People’s trust is not exploited',
      about: 'Others than the author approve, changes can be followed, and green tests mean something.',
      policies: ['human-review', 'scope-limit', 'no-test-tampering', 'tests-after-last-edit'],
      attestation: null,
    },
    {
      id: 'ASI10',
      group: 'Risks',
      title: 'No agent escapes its guards',
      about: 'Guards stayed on, and every commit’s origin is known.',
      policies: ['no-hook-bypass', 'risky-config', 'session-present'],
      attestation: null,
    },
  ],
}
