/** The one error type, and the one table of error codes that feeds problem+json, CLI exit codes and docs. */

/** Exit codes of the CLI (design: 0 ok, 1 policy or verification failed, 2 usage, 3 server unreachable, 4 evidence invalid). */
export type ExitCode = 0 | 1 | 2 | 3 | 4

interface FaultKind {
  /** HTTP status with which the API answers. */
  readonly status: number
  /** Exit code with which the CLI ends when it meets this fault. */
  readonly exit: Exclude<ExitCode, 0>
  /** One sentence for the reference; the message of an instance says more. */
  readonly title: string
}

/**
 * Every stable code. A code is never renamed or reused: programs branch on it.
 * Published at docs/reference/errors.md, which is generated from this table.
 */
export const faultCodes = {
  'request-malformed': { status: 400, exit: 2, title: 'The request is not what this route accepts.' },
  'json-malformed': { status: 400, exit: 4, title: 'The body is not acceptable JSON.' },
  'json-duplicate-key': { status: 400, exit: 4, title: 'A JSON object names the same key twice.' },
  'json-too-deep': { status: 400, exit: 4, title: 'The JSON is nested too deeply.' },
  'envelope-malformed': { status: 400, exit: 4, title: 'The envelope does not have the DSSE form.' },
  'statement-malformed': {
    status: 400,
    exit: 4,
    title: 'The signed payload is not an in-toto statement that Stemma knows.',
  },
  'signature-invalid': { status: 400, exit: 4, title: 'No signature of the envelope verifies.' },
  'key-unknown': {
    status: 400,
    exit: 4,
    title: 'The envelope is signed by a key that this organisation has not enrolled.',
  },
  'key-revoked': { status: 400, exit: 4, title: 'The signing key was revoked before the evidence was logged.' },
  'key-weak': { status: 400, exit: 4, title: 'The key is of low order or not of an accepted kind.' },
  'proof-invalid': { status: 400, exit: 4, title: 'A proof of possession or of inclusion does not verify.' },
  'digest-mismatch': { status: 400, exit: 4, title: 'The bytes do not have the digest that was announced.' },
  'transcript-missing': { status: 409, exit: 4, title: 'The evidence names a transcript that was not uploaded.' },
  'transcript-erased': {
    status: 410,
    exit: 4,
    title: 'The transcript was erased; the evidence that names it stays, and its signature holds.',
  },
  'transcript-malformed': { status: 422, exit: 4, title: 'The transcript is not a session that Stemma can read.' },
  'secret-remains': { status: 422, exit: 4, title: 'A secret is still present after redaction.' },
  'credential-missing': { status: 401, exit: 2, title: 'The request carries no credential.' },
  'credential-invalid': { status: 401, exit: 2, title: 'The credential is unknown, expired or revoked.' },
  'credential-insufficient': { status: 403, exit: 2, title: 'The credential is valid but not for this.' },
  'sign-in-denied': { status: 403, exit: 2, title: 'The sign-in with GitHub was refused, by the person or in time.' },
  'sign-in-not-allowed': {
    status: 403,
    exit: 2,
    title: 'The GitHub account belongs to nobody whom an organisation here lets in.',
  },
  'identity-token-invalid': {
    status: 401,
    exit: 2,
    title: "The pipeline's identity token is not one of the issuer that this platform trusts.",
  },
  'identity-token-expired': {
    status: 401,
    exit: 2,
    title: "The pipeline's identity token is no longer, or not yet, valid.",
  },
  'identity-token-audience': {
    status: 401,
    exit: 2,
    title: "The pipeline's identity token was made for somebody else.",
  },
  'identity-token-replayed': { status: 409, exit: 2, title: "The pipeline's identity token was used before." },
  'pipeline-not-allowed': {
    status: 403,
    exit: 2,
    title: 'No organisation here takes evidence from pipelines of this repository.',
  },
  'repository-mismatch': {
    status: 403,
    exit: 4,
    title: "A pipeline's key signed evidence of another repository than its own.",
  },
  'webhook-signature-invalid': { status: 401, exit: 2, title: 'The webhook signature does not match its bytes.' },
  'not-found': { status: 404, exit: 2, title: 'There is no such thing, or it belongs to somebody else.' },
  'method-not-allowed': { status: 405, exit: 2, title: 'The route exists, but not for this method.' },
  conflict: { status: 409, exit: 2, title: 'The request contradicts what is stored.' },
  'immutable-conflict': { status: 409, exit: 4, title: 'Other bytes are already stored under this content address.' },
  'length-required': { status: 411, exit: 2, title: 'The request does not say how long its body is.' },
  'body-too-large': { status: 413, exit: 4, title: 'The body is larger than the limit.' },
  'compression-ratio': {
    status: 413,
    exit: 4,
    title: 'The body expands further than compression of a transcript can explain.',
  },
  'media-type-unsupported': { status: 415, exit: 2, title: 'The content type or encoding is not accepted here.' },
  'rate-limited': { status: 429, exit: 3, title: 'Too many requests for now.' },
  internal: { status: 500, exit: 3, title: 'Stemma failed; the request can be repeated.' },
  'forge-unavailable': { status: 502, exit: 3, title: 'GitHub or GitLab did not answer as it should.' },
  unavailable: { status: 503, exit: 3, title: 'A part of the platform is not reachable for now.' },
  'server-unreachable': {
    status: 503,
    exit: 3,
    title: 'The Stemma server cannot be reached; evidence stays on the spool.',
  },
  'storage-unavailable': {
    status: 503,
    exit: 3,
    title: 'A file or folder of this machine cannot be read or written for now.',
  },
  'not-a-repository': { status: 400, exit: 2, title: 'This folder is not inside a Git repository.' },
  'not-initialised': { status: 400, exit: 2, title: 'This repository has no Stemma set-up yet.' },
  'not-enrolled': { status: 401, exit: 2, title: 'This machine has no key enrolled with the server.' },
  'configuration-malformed': { status: 400, exit: 2, title: 'A configuration file cannot be read.' },
  'import-malformed': { status: 400, exit: 4, title: 'What is to be imported does not have the form that it claims.' },
  'import-unsupported': {
    status: 400,
    exit: 4,
    title: 'What is to be imported is of a format or version that is not read.',
  },
  'verification-failed': { status: 400, exit: 4, title: 'The evidence does not verify.' },
} as const satisfies Record<string, FaultKind>

export type FaultCode = keyof typeof faultCodes

interface FaultDetail {
  /** For people, public; says what happened with its figures. */
  readonly message: string
  /** Ends in something to type or click. */
  readonly hint: string
  /** For logs only; never leaves the process. */
  readonly cause?: unknown
}

/** Thrown for broken invariants and refused requests only; expected outcomes are values. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly hint: string

  constructor(code: FaultCode, detail: FaultDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'Fault'
    this.code = code
    this.hint = detail.hint
  }

  get status(): number {
    return faultCodes[this.code].status
  }

  get exit(): ExitCode {
    return faultCodes[this.code].exit
  }
}

/** Whether a caught value is a Fault, across bundles (an `instanceof` fails where two copies of the class meet). */
export function isFault(value: unknown): value is Fault {
  return value instanceof Error && value.name === 'Fault' && 'code' in value && String(value.code) in faultCodes
}
