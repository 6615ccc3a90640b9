import type { JSX } from 'preact'

export function SignedOutPage(): JSX.Element {
  return (
    <main id="content" class="door">
      <h1>Stemma</h1>
      <p>You are not signed in.</p>
      <p>
        Open the one-time link that <code>npm start</code> printed, or ask an administrator for one. It is made with
      </p>
      <pre>
        <code>curl -X POST -H "Authorization: Bearer TOKEN" {location.origin}/v1/sign-in-links</code>
      </pre>
    </main>
  )
}
