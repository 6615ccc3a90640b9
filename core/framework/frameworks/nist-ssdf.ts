/**
 * Ids of tasks: NIST SP 800-218 v1.1 (February 2022), https://doi.org/10.6028/NIST.SP.800-218; PO.5.3 is one of the six tasks
 * that SP 800-218A (July 2024) adds, https://csrc.nist.gov/pubs/sp/800/218/a/final. Proofread in November 2026.
 */
import type { Framework } from '../framework.ts'

export const nistSsdf: Framework = {
  id: 'nist-ssdf',
  title: 'NIST SSDF',
  version: 'SP 800-218 v1.1 with SP 800-218A',
  publisher: 'NIST',
  url: 'https://csrc.nist.gov/pubs/sp/800/218/final',
  about:
    'The tasks to which evidence of coding sessions has something to say. It speaks for development with agents only; most tasks of the framework need other evidence.',
  controls: [
    {
      id: 'PO.3.2',
      group: 'Prepare the organisation',
      title: 'Tools are deployed and kept as recommended',
      about: 'Approved and current agents, without risky settings.',
      policies: ['approved-agents', 'agent-version', 'risky-config'],
      attestation: null,
    },
    {
      id: 'PO.3.3',
      group: 'Prepare the organisation',
      title: 'Tools leave evidence of secure development',
      about: 'Signed evidence of sessions covers the commits.',
      policies: ['session-present', 'evidence-complete'],
      attestation: null,
    },
    {
      id: 'PO.4.1',
      group: 'Prepare the organisation',
      title: 'Criteria for checks are defined and followed up',
      about: 'A contract is in force, and its guards were not left out or weakened.',
      policies: ['no-hook-bypass', 'no-test-tampering'],
      attestation: null,
    },
    {
      id: 'PO.5.1',
      group: 'Prepare the organisation',
      title: 'Environments are separated and protected',
      about: 'Sandboxes and bounded networks of sessions; nothing is said of build and production.',
      policies: ['sandboxed', 'network-egress'],
      attestation: 'Development environments are separated from build and production.',
    },
    {
      id: 'PO.5.2',
      group: 'Prepare the organisation',
      title: 'Developers’ machines are hardened',
      about: 'Permission modes and destructive commands of agents; the machine itself is not looked at.',
      policies: ['permission-mode', 'no-dangerous-commands'],
      attestation: 'Developers’ machines are managed and hardened.',
    },
    {
      id: 'PO.5.3',
      group: 'Prepare the organisation (AI profile)',
      title: 'Behaviour in development environments is monitored',
      about: 'Sessions are observed and judged for leaks and for access to secrets.',
      policies: ['lethal-trifecta', 'no-secret-access'],
      attestation: null,
    },
    {
      id: 'PS.1.1',
      group: 'Protect the software',
      title: 'Code is protected from unauthorised change',
      about: 'History stays, protected files are changed by people, commits are signed.',
      policies: ['no-force-push', 'protected-paths', 'signed-commits'],
      attestation: null,
    },
    {
      id: 'PS.3.2',
      group: 'Protect the software',
      title: 'Provenance of components is kept',
      about: 'The origin of lines is known; provenance of releases is not looked at.',
      policies: ['evidence-complete'],
      attestation: null,
    },
    {
      id: 'PW.1.1',
      group: 'Produce well-secured software',
      title: 'Risks are considered in the design',
      about: 'Larger changes begin with a plan; whether it considers threats is not visible.',
      policies: ['plan-before-code'],
      attestation: 'Threats are modelled for changes of security-relevant parts.',
    },
    {
      id: 'PW.4.1',
      group: 'Produce well-secured software',
      title: 'Components are acquired with care',
      about: 'Packages, servers and skills that agents took up are approved.',
      policies: ['no-package-install-outside-allowlist', 'approved-mcp-servers', 'approved-skills'],
      attestation: null,
    },
    {
      id: 'PW.7.2',
      group: 'Produce well-secured software',
      title: 'Code is reviewed',
      about: 'People other than the author approved, and changes were small enough to follow.',
      policies: ['human-review', 'scope-limit'],
      attestation: null,
    },
    {
      id: 'PW.8.2',
      group: 'Produce well-secured software',
      title: 'Code is tested',
      about: 'Tests passed after the last edit and were not weakened.',
      policies: ['tests-after-last-edit', 'no-test-tampering'],
      attestation: null,
    },
  ],
}
