/** The frame around every page. */
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { style } from './style.ts'

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

interface Frame {
  readonly title: string
  /** Links above the page, outermost first. */
  readonly trail?: readonly { readonly name: string; readonly href: string }[]
  /** Whether the page asks for itself again every 3 s. */
  readonly refreshes?: boolean
  readonly content: Markup
  readonly status?: number
}

/** Nothing runs on these pages, whatever a title or comment holds; forms go nowhere else. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' http: https:; form-action 'self'; base-uri 'none'"

export async function page({ title, trail = [], refreshes = false, content, status = 200 }: Frame): Promise<Response> {
  const document = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refreshes ? raw('<meta http-equiv="refresh" content="3">') : ''}
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header class="top"><b><a href="/">Local forge</a></b>${trail.map(({ name, href }) => html`<span class="quiet">/</span> <a href="${href}">${name}</a>`)}</header>
<main>${content}</main>
</body>
</html>`
  return new Response(String(document), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
    },
  })
}

/** For people: 2026-11-22 13:04:05 UTC. */
export const shownTime = (time: string): string => time.replace('T', ' ').replace('Z', ' UTC')
