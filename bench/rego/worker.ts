/** Runs inside of workerd: judges a session by a policy as many times as it is asked, by Rego or by the twin. */

import type { Policy, Subject } from '#core/policy/policy.ts'
import { regoInput } from '#core/policy/rego-input.ts'
import { regoPolicy } from '#core/policy/rego-policy.ts'
import { denials } from './twin.ts'

interface Order {
  readonly by: 'rego' | 'twin'
  readonly times: number
}

let policy: Policy | null = null
let subject: Subject | null = null

export default {
  /** `PUT /policy` and `PUT /subject` set what is judged; `POST /` judges. */
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/policy') {
      const compiled = regoPolicy({ id: 'bench', version: 1, file: 'policy.rego', text: await request.text() })
      if ('problems' in compiled) return Response.json(compiled.problems, { status: 400 })
      policy = compiled.policy
      return new Response('compiled')
    }
    if (pathname === '/subject') {
      subject = (await request.json()) as Subject
      return new Response('read')
    }
    const { by, times } = (await request.json()) as Order
    if (policy === null || subject === null) return new Response('nothing to judge', { status: 409 })
    let found = 0
    for (let time = 0; time < times; time++) {
      found += by === 'rego' ? policy.evaluate(subject, {}).findings.length : denials(regoInput(subject, {})).length
    }
    return Response.json({ found })
  },
}
