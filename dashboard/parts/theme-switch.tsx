/** Light, dark, or as the system says; remembered in the browser. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'

const themes = ['system', 'light', 'dark'] as const
type Theme = (typeof themes)[number]

function remembered(): Theme {
  const stored = localStorage.getItem('theme')
  return themes.find((theme) => theme === stored) ?? 'system'
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

apply(remembered())

export function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useState(remembered)
  return (
    <label>
      <span class="unseen">Theme</span>
      <select
        value={theme}
        onChange={(event) => {
          const chosen = themes.find((one) => one === event.currentTarget.value) ?? 'system'
          localStorage.setItem('theme', chosen)
          apply(chosen)
          setTheme(chosen)
        }}
      >
        {themes.map((one) => (
          <option value={one}>{one}</option>
        ))}
      </select>
    </label>
  )
}
