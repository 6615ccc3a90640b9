/**
 * Annex A has 38 controls under nine objectives: A.2 (3), A.3 (2), A.4 (5), A.5 (4), A.6 (9), A.7 (5), A.8 (4), A.9 (3), A.10 (3).
 * Lists that count otherwise number the objectives as controls.
 */
import type { Framework } from '../framework.ts'

export const iso42001: Framework = {
  id: 'iso-42001',
  title: 'ISO/IEC 42001',
  version: '2023',
  publisher: 'ISO and IEC',
  url: 'https://www.iso.org/standard/42001',
  source: 'Controls of table A.1, annex A (normative), of ISO/IEC 42001:2023, first edition, December 2023.',
  about:
    'Controls of Annex A for an organisation that uses coding agents. It is a small part of a management system: policies, roles and impact assessments need other evidence.',
  controls: [
    {
      id: 'A.2.2',
      group: 'Policies',
      title: 'There is a policy for the use of AI',
      about: 'A contract is its technical part; the policy itself is a document.',
      policies: [],
      attestation: 'The organisation has an AI policy that covers coding agents, reviewed this year.',
    },
    {
      id: 'A.4.4',
      group: 'Resources',
      title: 'Tools are documented',
      about: 'Agents, models and servers in use are known and approved.',
      policies: ['approved-agents', 'approved-models', 'approved-mcp-servers'],
      attestation: null,
    },
    {
      id: 'A.6.2.4',
      group: 'Life cycle',
      title: 'Results are verified',
      about: 'Of code that agents wrote: tests passed, kept their strength, and people approved.',
      policies: ['tests-after-last-edit', 'no-test-tampering', 'human-review'],
      attestation: null,
    },
    {
      id: 'A.6.2.6',
      group: 'Life cycle',
      title: 'Operation is monitored',
      about: 'Behaviour and cost of sessions are judged.',
      policies: ['no-dangerous-commands', 'lethal-trifecta', 'cost-budget'],
      attestation: null,
    },
    {
      id: 'A.6.2.8',
      group: 'Life cycle',
      title: 'Events are logged',
      about: 'Sessions are recorded, signed and complete.',
      policies: ['session-present', 'evidence-complete'],
      attestation: null,
    },
    {
      id: 'A.9.2',
      group: 'Use',
      title: 'There are processes for responsible use',
      about: 'Agents ask, run within bounds and were given the project’s rules.',
      policies: ['permission-mode', 'sandboxed', 'instructions-present'],
      attestation: null,
    },
    {
      id: 'A.9.4',
      group: 'Use',
      title: 'AI is used as intended',
      about: 'Sessions stayed in scope and left protected files alone.',
      policies: ['scope-limit', 'protected-paths'],
      attestation: null,
    },
    {
      id: 'A.10.3',
      group: 'Third parties',
      title: 'Suppliers are chosen',
      about: 'Vendors of agents and models are approved; contracts with them are not looked at.',
      policies: ['approved-agents', 'approved-models'],
      attestation: 'Terms of the vendors on training and retention were reviewed.',
    },
  ],
}
