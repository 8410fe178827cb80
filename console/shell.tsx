/** What is around every page: navigation, the theme, and the sign-in when the node asks for a token. */
import { type FormEvent, lazy, Suspense, useEffect, useState } from 'react'
import { ask, onSignedOut, signIn } from './api.ts'
import { Conversations } from './conversations.tsx'
import { PageBroken } from './page-broken.tsx'
import { linkTo, useRoute } from './route.ts'

const Conversation = lazy(() => import('./conversation.tsx').then((page) => ({ default: page.Conversation })))
const TryIt = lazy(() => import('./try-it.tsx').then((page) => ({ default: page.TryIt })))
const AgentDesk = lazy(() => import('./agent-desk.tsx').then((page) => ({ default: page.AgentDesk })))
const Machines = lazy(() => import('./machines.tsx').then((page) => ({ default: page.Machines })))
const Fleet = lazy(() => import('./fleet.tsx').then((page) => ({ default: page.Fleet })))

const pages = [
  { page: 'conversations', title: 'Conversations', icon: 'M4 5h16v10H9l-5 4z' },
  {
    page: 'try',
    title: 'Try it',
    icon: 'M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 18h2',
  },
  { page: 'desk', title: 'Agent desk', icon: 'M4 13a8 8 0 0 1 16 0v5h-4v-6h4M4 12v6h4v-6H4' },
  { page: 'machines', title: 'Machines', icon: 'M4 4h6v5H4zM14 15h6v5h-6zM7 9v8h7' },
  { page: 'fleet', title: 'Fleet', icon: 'M4 20V10M10 20V4M16 20v-8M21 20H3' },
]

export function Shell() {
  const [isSignedOut, setSignedOut] = useState(false)
  useEffect(() => onSignedOut(() => setSignedOut(true)), [])
  const { page, id } = useRoute()
  const [theme, setTheme] = useTheme()
  const title = pages.find((one) => one.page === page)?.title ?? 'Conversation'
  useEffect(() => {
    document.title = `${title} · Parley`
  }, [title])
  if (isSignedOut) return <SignIn onDone={() => setSignedOut(false)} />
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the page
      </button>
      <nav aria-label="Pages">
        <span className="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M9 10h14v9H15l-4 4v-4H9z" />
          </svg>
          Parley
        </span>
        {pages.map((one) => (
          <a key={one.page} href={linkTo(one.page)} aria-current={one.page === page ? 'page' : undefined}>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={one.icon} />
            </svg>
            <span>{one.title}</span>
          </a>
        ))}
        <button type="button" className="theme" onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>
          {theme === 'dark' ? 'Light' : 'Dark'}
          <span className="unseen"> theme</span>
        </button>
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <main id="main" tabIndex={0}>
        <PageBroken key={`${page} ${id}`}>
          <Suspense fallback={<p className="loading">Loading…</p>}>
            {page === 'conversations' && id !== undefined ? <Conversation key={id} id={id} theme={theme} /> : null}
            {page === 'conversations' && id === undefined ? <Conversations /> : null}
            {page === 'try' ? <TryIt theme={theme} /> : null}
            {page === 'desk' ? <AgentDesk /> : null}
            {page === 'machines' ? <Machines id={id} /> : null}
            {page === 'fleet' ? <Fleet /> : null}
          </Suspense>
        </PageBroken>
      </main>
    </div>
  )
}

function useTheme(): [string, (theme: string) => void] {
  const [theme, setTheme] = useState(() => {
    const asked = localStorage.getItem('parley.theme')
    return asked ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  })
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  const choose = (next: string) => {
    localStorage.setItem('parley.theme', next)
    setTheme(next)
  }
  return [theme, choose]
}

function SignIn({ onDone }: { onDone: () => void }) {
  const [problem, setProblem] = useState<string>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    signIn(String(new FormData(event.currentTarget).get('token')))
    await ask('/v1/nodes').then(onDone, (error: Error) => setProblem(error.message))
  }
  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>Parley</h1>
        <label htmlFor="token">Admin token</label>
        <input id="token" name="token" type="password" autoComplete="current-password" required />
        <p className="hint">The value of PARLEY_ADMIN_TOKEN on this node. It is kept until this tab is closed.</p>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="primary">
          Sign in
        </button>
      </form>
    </main>
  )
}
