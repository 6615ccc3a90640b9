/** A request that GitHub would refuse, with the words and fields of its error answers. */

export interface FieldError {
  readonly resource: string
  readonly field: string
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom'
  readonly message?: string
}

interface RefusalDetail {
  readonly errors?: readonly (FieldError | string)[]
  readonly headers?: Readonly<Record<string, string>>
}

export class Refusal extends Error {
  readonly status: number
  readonly errors: readonly (FieldError | string)[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, detail: RefusalDetail = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.errors = detail.errors
    this.headers = detail.headers ?? {}
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found')

export const badCredentials = (): Refusal => new Refusal(401, 'Bad credentials')

export const validationFailed = (...errors: readonly (FieldError | string)[]): Refusal =>
  new Refusal(422, 'Validation Failed', { errors })

export function refusalBody(refusal: Refusal, documentation: string): Record<string, unknown> {
  return {
    message: refusal.message,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
    documentation_url: documentation,
    status: String(refusal.status),
  }
}
