/** Setting up the GitHub App: create it with one click, and see what is missing. For administrators. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { GitHubSetup, RegisteredApp, SetupCheck, SetupStep } from '#core/api/github-setup.ts'
import { readGitHubSetup, registerGitHubApp } from '../client.ts'
import { Marked } from '../parts/marked.tsx'
import { Await, type Remote, useRemote } from '../parts/remote.tsx'
import { Table } from '../parts/table.tsx'
import type { Place } from '../router.ts'

/** What the browser sent along to GitHub: only the answer to its own question is worth anything. */
const STATE = 'stemma-github-setup'

export function GitHubSetupPage({ place }: { readonly place: Place }): JSX.Element {
  const code = place.query.get('code')
  const setup = useRemote('github-setup', readGitHubSetup)
  return (
    <>
      <header class="page-head">
        <h1>GitHub</h1>
        <p>What it takes to have a comment and a check on each pull request, and what of it is still missing.</p>
      </header>
      {code === null ? null : <Registration code={code} state={place.query.get('state')} />}
      <Await remote={setup}>
        {({ steps, checks, source, registration }) => (
          <>
            <Steps steps={steps} />
            <Checks checks={checks} source={source} />
            {steps.some(({ subject, state }) => subject.startsWith('GITHUB_') && state === 'missing') && !code ? (
              <Creation registration={registration} />
            ) : null}
          </>
        )}
      </Await>
    </>
  )
}

const marks = { done: '✓', missing: '✗', unknown: '?' } as const
const tones = { done: 'good', missing: 'bad', unknown: 'warn' } as const
const words = { done: 'done', missing: 'to do', unknown: 'not known' } as const

function Steps({ steps }: { readonly steps: readonly SetupStep[] }): JSX.Element {
  return (
    <section>
      <ul class="marked steps">
        {steps.map((step) => (
          <Marked key={`${step.subject} ${step.text}`} glyph={marks[step.state]} tone={tones[step.state]}>
            <p>
              <strong>{step.subject}</strong> <span class="quiet">{words[step.state]}</span>
            </p>
            <p>{step.text}</p>
            {step.next === null ? null : <Next next={step.next} />}
          </Marked>
        ))}
      </ul>
    </section>
  )
}

function Next({ next }: { readonly next: NonNullable<SetupStep['next']> }): JSX.Element {
  if (next.kind === 'command') {
    return (
      <p>
        {next.text}: <code>{next.target}</code>
      </p>
    )
  }
  return (
    <p>
      <a href={next.target} target="_blank" rel="noreferrer">
        {next.text}
      </a>
    </p>
  )
}

const wheres = { everywhere: 'on', somewhere: 'on in some repositories', nowhere: 'off' } as const

/** What to type into a ruleset, and what is there already. */
function Checks({ checks, source }: Pick<GitHubSetup, 'checks' | 'source'>): JSX.Element {
  return (
    <section>
      <h2>Checks that rules can require</h2>
      <p>
        Copy a context into "Require status checks to pass" of a ruleset, and choose{' '}
        {source === null ? (
          'the App'
        ) : (
          <>
            <strong>{source.slug}</strong> (<code>integration_id</code> <code>{source.id}</code>)
          </>
        )}{' '}
        as its source: without one, whoever may write can post a status of that name. A check of a framework is on where
        the contract names it under <code>checks</code>; one that is off is never reported, and a rule that requires it
        waits for ever.
      </p>
      <Table label="Contexts of checks" columns={['Context', 'In the contract', 'Is', 'Required by rules']}>
        {checks.map(({ context, framework, on, ...rules }) => (
          <tr key={context}>
            <td>
              <code>{context}</code>
            </td>
            <td>{framework === null ? 'always' : <code>{framework}</code>}</td>
            <td>{wheres[on]}</td>
            <td>{ruleWords(rules)}</td>
          </tr>
        ))}
      </Table>
    </section>
  )
}

function ruleWords({ pinned, unpinned, read }: Pick<SetupCheck, 'pinned' | 'unpinned' | 'read'>): string {
  if (read === 0) return 'not known'
  if (pinned + unpinned === 0) return `in none of ${read}`
  const loose = unpinned === 0 ? '' : `, in ${unpinned} not from this App`
  return `in ${pinned + unpinned} of ${read}${loose}`
}

function Creation({ registration }: { readonly registration: GitHubSetup['registration'] }): JSX.Element {
  const [account, setAccount] = useState('')
  const [state] = useState(() => crypto.randomUUID())
  const target =
    account === ''
      ? registration.action
      : registration.organisationAction.replace('{organisation}', encodeURIComponent(account))
  return (
    <section>
      <h2>Create the App</h2>
      <p>GitHub shows its name and permissions and asks once more. The App belongs to the account that you name.</p>
      <form method="post" action={`${target}?state=${state}`} onSubmit={() => sessionStorage.setItem(STATE, state)}>
        <input type="hidden" name="manifest" value={registration.manifest} />
        <label>
          Organisation on GitHub, empty for your own account{' '}
          <input value={account} onInput={(event) => setAccount(event.currentTarget.value.trim())} />
        </label>{' '}
        <button type="submit">Create the App</button>
      </form>
    </section>
  )
}

/** A code works once, so it is taken out of the address and fetched once. */
function Registration({ code, state }: { readonly code: string; readonly state: string | null }): JSX.Element {
  const [remote, setRemote] = useState<Remote<RegisteredApp> | 'foreign'>({ state: 'waiting' })
  useEffect(() => {
    const own = sessionStorage.getItem(STATE)
    sessionStorage.removeItem(STATE)
    history.replaceState(null, '', '/setup/github')
    if (own === null || own !== state) return setRemote('foreign')
    registerGitHubApp(code).then(
      (value) => setRemote({ state: 'there', value }),
      (problem) => setRemote({ state: 'refused', problem }),
    )
  }, [code])
  if (remote === 'foreign') {
    return (
      <p class="notice notice-bad" role="alert">
        This answer of GitHub was not asked for from here. Click "Create the App" below and stay in this tab.
      </p>
    )
  }
  return <Await remote={remote}>{(app) => <Secrets app={app} />}</Await>
}

function Secrets({ app }: { readonly app: RegisteredApp }): JSX.Element {
  return (
    <section class="notice">
      <h2>{app.slug} is there. Its secrets are shown this once.</h2>
      <p>Nothing of them is stored here. Type each command, and paste what stands below it.</p>
      {app.secrets.map(({ name, value, command }) => (
        <div key={name}>
          <p>
            <code>{command}</code>
          </p>
          <pre>{value}</pre>
        </div>
      ))}
      <p>
        <a href={app.installPage} target="_blank" rel="noreferrer">
          Then install the App on your repositories
        </a>
      </p>
    </section>
  )
}
