/** The frame around every page: navigation, who is signed in, light or dark. */
import './style.css'
import { type ComponentChildren, type JSX, render } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Me } from '#core/api/account.ts'
import { readMe, signOut } from './client.ts'
import { ConfigurationPage } from './pages/configuration.tsx'
import { ConfigurationsPage } from './pages/configurations.tsx'
import { FrameworkPage } from './pages/framework.tsx'
import { FrameworksPage } from './pages/frameworks.tsx'
import { GitHubSetupPage } from './pages/github-setup.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { PullRequestPage } from './pages/pull-request.tsx'
import { PullRequestsPage } from './pages/pull-requests.tsx'
import { SessionPage } from './pages/session.tsx'
import { SessionsPage } from './pages/sessions.tsx'
import { SignedOutPage } from './pages/signed-out.tsx'
import { WaiversPage } from './pages/waivers.tsx'
import { useRemote } from './parts/remote.tsx'
import { ThemeSwitch } from './parts/theme-switch.tsx'
import { type Place, usePlace } from './router.ts'

const sections = [
  { path: '/', title: 'Overview' },
  { path: '/sessions', title: 'Sessions' },
  { path: '/pull-requests', title: 'Pull requests' },
  { path: '/frameworks', title: 'Frameworks' },
  { path: '/waivers', title: 'Waivers' },
  { path: '/configurations', title: 'Configuration' },
] as const

function pageOf(place: Place, viewer: Me | null): ComponentChildren {
  const isAdministrator = viewer?.role === 'administrator'
  const parts = place.path.split('/').filter(Boolean).map(decodeURIComponent)
  const [section, first, second, third] = parts
  if (section === undefined) return <OverviewPage place={place} />
  if (section === 'sessions' && first === undefined) return <SessionsPage place={place} />
  if (section === 'sessions' && first !== undefined) return <SessionPage id={first} />
  if (section === 'frameworks' && first === undefined) return <FrameworksPage />
  if (section === 'frameworks' && first !== undefined)
    return <FrameworkPage id={first} place={place} isAdministrator={isAdministrator} />
  if (section === 'configurations' && first === undefined) return <ConfigurationsPage place={place} />
  if (section === 'configurations' && first !== undefined) return <ConfigurationPage id={first} />
  if (section === 'pull-requests' && first === undefined) return <PullRequestsPage place={place} />
  if (section === 'pull-requests' && first && second && third)
    return <PullRequestPage repository={`${first}/${second}`} number={third} />
  if (section === 'waivers') return <WaiversPage place={place} viewer={viewer} />
  if (section === 'setup' && first === 'github') return <GitHubSetupPage place={place} />
  return (
    <section class="notice">
      <h1>There is no such page</h1>
      <p>
        <a href="/">Back to the overview</a>
      </p>
    </section>
  )
}

function App(): JSX.Element {
  const place = usePlace()
  const me = useRemote('me', readMe)
  const section = sections.find(({ path }) => isWithin(place.path, path))
  useEffect(() => {
    document.title = section === undefined ? 'Stemma' : `${section.title} · Stemma`
  }, [section])
  if (me.state === 'refused' && me.problem.status === 401) return <SignedOutPage />
  const organisation = me.state === 'there' ? me.value.organisation.name : ''
  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="site-head">
        <a class="brand" href="/">
          <img src="/icon.svg" alt="" width="24" height="24" /> Stemma
        </a>
        <nav aria-label="Sections">
          {sections.map(({ path, title }) => (
            <a href={path} aria-current={isWithin(place.path, path) ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <span class="account">
          <span title={organisation}>{organisation}</span>
          <ThemeSwitch />
          {me.state === 'there' ? (
            <button type="button" onClick={() => void signOut()} title={`Signed in as ${me.value.person.name}`}>
              Sign out
            </button>
          ) : null}
        </span>
      </header>
      <main id="content" tabIndex={-1}>
        {pageOf(place, me.state === 'there' ? me.value : null)}
      </main>
    </>
  )
}

function isWithin(path: string, section: string): boolean {
  return section === '/' ? path === '/' : path === section || path.startsWith(`${section}/`)
}

const root = document.getElementById('root')
if (root) render(<App />, root)
