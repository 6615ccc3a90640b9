import type { JSX } from 'preact'

export function SignedOutPage(): JSX.Element {
  return (
    <main id="content" class="door">
      <p class="brand">
        <img src="/icon.svg" alt="" width="32" height="32" /> Stemma
      </p>
      <h1>You are not signed in.</h1>
      <p>
        Open the one-time link that <code>npm start</code> printed, or ask an administrator for one. It is made with
      </p>
      <pre>
        <code>curl -X POST -H "Authorization: Bearer TOKEN" {location.origin}/v1/sign-in-links</code>
      </pre>
    </main>
  )
}
