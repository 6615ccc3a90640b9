/** Changed files as a person reads them. */
import { html } from 'hono/html'
import type { ChangedFile } from '../git/differences.ts'
import type { Markup } from './layout.ts'

interface Line {
  readonly kind: 'plus' | 'minus' | 'hunk' | 'same'
  readonly before: number | null
  readonly after: number | null
  readonly text: string
}

/** The lines of a patch with their numbers on both sides. */
export function patchLines(patch: string): readonly Line[] {
  let before = 0
  let after = 0
  return patch.split('\n').map((text): Line => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text)
    if (hunk !== null) {
      before = Number(hunk[1])
      after = Number(hunk[2])
      return { kind: 'hunk', before: null, after: null, text }
    }
    if (text.startsWith('+')) return { kind: 'plus', before: null, after: after++, text }
    if (text.startsWith('-')) return { kind: 'minus', before: before++, after: null, text }
    if (text.startsWith('\\')) return { kind: 'same', before: null, after: null, text }
    return { kind: 'same', before: before++, after: after++, text }
  })
}

function table(patch: string): Markup {
  const rows = patchLines(patch).map(
    ({ kind, before, after, text }) =>
      html`<tr class="${kind}"><td class="n">${before ?? ''}</td><td class="n">${after ?? ''}</td><td>${text}</td></tr>`,
  )
  return html`<table class="diff">${rows}</table>`
}

export function filesMarkup(files: readonly ChangedFile[]): readonly Markup[] {
  return files.map(
    (file) =>
      html`<div class="box"><div class="head"><span class="mono">${
        file.previousFilename === null ? '' : `${file.previousFilename} → `
      }${file.filename}</span><span class="push"><span class="good">+${file.additions}</span> <span class="bad">−${file.deletions}</span> <span class="label">${file.status}</span></span></div>${
        file.patch === null ? html`<div class="body quiet">No lines to show.</div>` : table(file.patch)
      }</div>`,
  )
}
