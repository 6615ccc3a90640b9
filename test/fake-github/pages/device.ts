/** Where a person enters the code that a program shows, and says as whom. */
import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Context } from '../context.ts'
import { createAccount } from '../setup.ts'
import { page } from './layout.ts'

const LOGIN = /^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i

export function devicePages(app: Hono, context: Context): void {
  app.get('/login/device', () => {
    const people = context.state.accounts.filter(({ type }) => type === 'User')
    return page({
      title: 'Device activation',
      content: html`<h1>Enter the code</h1>
<p class="quiet">A program on this machine wants to know who you are. Nobody checks a password here: be whom you like.</p>
<form method="post"><p><label>Code <input name="code" required autocomplete="off" placeholder="WDJB-0001"></label></p>
<p><label>Sign in as <input name="login" required list="people"></label></p>
<datalist id="people">${people.map(({ login }) => html`<option value="${login}">`)}</datalist>
<p><button name="do" value="approve">Continue</button> <button name="do" value="deny">Cancel</button></p></form>`,
    })
  })

  app.post('/login/device', async ({ req }) => {
    // Another site that is open in the same browser must not sign anybody in.
    if (req.header('origin') !== undefined && req.header('origin') !== new URL(req.url).origin)
      return new Response('Cross-site form refused.', { status: 403 })
    const form = await req.formData()
    const [code, login] = [String(form.get('code')).trim().toUpperCase(), String(form.get('login')).trim()]
    try {
      if (form.get('do') === 'deny') context.deviceFlow.deny(code)
      else context.deviceFlow.approve(code, accountFor(login))
    } catch (cause) {
      const content = html`<h1>${cause instanceof Error ? cause.message : 'That did not work.'}</h1><p><a href="/login/device">Again</a></p>`
      return page({ title: 'Device activation', status: 422, content })
    }
    const said = form.get('do') === 'deny' ? 'The program was refused.' : `The program knows that you are ${login}.`
    return page({ title: 'Device activation', content: html`<h1>${said}</h1><p>You may close this page.</p>` })
  })

  /** Sees every installation: the organisation on this machine is everybody's. */
  function accountFor(asked: string) {
    if (!LOGIN.test(asked)) throw new Error('That is no name of an account.')
    const { id, login, name } = createAccount(context, { login: asked })
    return { id, login, name, installations: context.state.installations.map((one) => one.id) }
  }
}
