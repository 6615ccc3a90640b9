/** Built-ins that would reach outside of the policy. Calling one is an error that no policy can hide. */
import { get, RegoObject, type Value } from '../value.ts'
import { type Builtin, define, object, refuseType, unsupported } from './builtin.ts'

function send(request: Value): never {
  const options = object(request, 1)
  if (get(options, 'url') === undefined) refuseType('missing required request parameters(s): {"url"}')
  return unsupported('http.send', 'policies cannot reach a network')
}

function refused(name: string, arity: number, why: string): Builtin {
  return define(name, arity, () => unsupported(name, why))
}

export const outside: readonly Builtin[] = [
  define('http.send', 1, send),
  // OPA tells its own configuration and environment here; this evaluator has neither.
  define('opa.runtime', 0, () => new RegoObject()),
  define('trace', 1, () => true),
  refused('rego.parse_module', 2, 'modules are not parsed during evaluation'),
  refused('strings.render_template', 2, "Go's text templates are not available"),
  refused('providers.aws.sign_req', 3, 'policies sign no requests'),
  refused('crypto.x509.parse_certificates', 1, 'certificates are not read by policies'),
  refused('crypto.x509.parse_and_verify_certificates', 1, 'certificates are not read by policies'),
  refused('graphql.parse', 2, 'GraphQL is not available'),
  refused('graphql.is_valid', 2, 'GraphQL is not available'),
]
