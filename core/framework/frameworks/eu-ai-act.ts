/** Paragraphs: 26(1) is use by the instructions, 26(5) monitoring of the operation. */
import type { Framework } from '../framework.ts'

export const euAiAct: Framework = {
  id: 'eu-ai-act',
  title: 'EU AI Act',
  version: 'Regulation (EU) 2024/1689',
  publisher: 'European Union',
  url: 'https://eur-lex.europa.eu/eli/reg/2024/1689/oj',
  source:
    'Articles 4, 12, 14, 15 and 26 of Regulation (EU) 2024/1689 of 13 June 2024, Official Journal L, 12 July 2024.',
  about:
    'A coding agent is rarely a high-risk system, so most of these articles do not oblige its users. They are mapped for organisations that build high-risk systems with agents, or that hold themselves to the same. This is no legal advice.',
  controls: [
    {
      id: 'Art.4',
      group: 'General',
      title: 'People are AI-literate',
      about: 'No transcript can show it.',
      policies: [],
      attestation: 'Staff who use coding agents were trained for it, this year.',
    },
    {
      id: 'Art.12',
      group: 'Records',
      title: 'Events are recorded',
      about: 'Sessions leave signed records that cover the commits.',
      policies: ['session-present', 'evidence-complete'],
      attestation: null,
    },
    {
      id: 'Art.14',
      group: 'Oversight',
      title: 'People oversee',
      about: 'Agents ask before they act, and people approve what they wrote.',
      policies: ['permission-mode', 'human-review'],
      attestation: null,
    },
    {
      id: 'Art.15',
      group: 'Robustness',
      title: 'Results are accurate, robust and secure',
      about: 'Of the code: tests and the guards of its making. Nothing is said of a model’s accuracy.',
      policies: ['tests-after-last-edit', 'no-test-tampering', 'lethal-trifecta', 'no-secret-access'],
      attestation: null,
    },
    {
      id: 'Art.26.1',
      group: 'Deployers',
      title: 'Systems are used as instructed',
      about: 'Approved agents and models with the accepted configuration.',
      policies: ['approved-agents', 'approved-models', 'config-drift'],
      attestation: null,
    },
    {
      id: 'Art.26.5',
      group: 'Deployers',
      title: 'Operation is monitored',
      about: 'Behaviour of sessions is judged.',
      policies: ['no-dangerous-commands', 'network-egress'],
      attestation: null,
    },
  ],
}
