/** The look of the pages: quiet, light and dark. */
export const style = `
:root { color-scheme: light dark; --page: #ffffff; --panel: #f6f8fa; --line: #d1d9e0; --text: #1f2328; --quiet: #59636e;
  --link: #0969da; --good: #1a7f37; --bad: #cf222e; --wait: #9a6700; --done: #8250df; --plus: #dafbe1; --minus: #ffebe9;
  --hunk: #ddf4ff; --code: #818b981f }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --panel: #151b23; --line: #3d444d; --text: #f0f6fc;
  --quiet: #9198a1; --link: #4493f8; --good: #3fb950; --bad: #f85149; --wait: #d29922; --done: #ab7df8; --plus: #12261e;
  --minus: #25171c; --hunk: #121d2f; --code: #656c7633 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.5 system-ui, sans-serif }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
header.top { background: var(--panel); border-bottom: 1px solid var(--line); padding: 12px 24px; display: flex; gap: 8px }
header.top b { margin-right: 12px }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 64px }
h1 { font-size: 26px; font-weight: 400; margin: 0 0 8px } h1 .number { color: var(--quiet) }
h2 { font-size: 18px; margin: 32px 0 12px }
.quiet { color: var(--quiet) } .mono, code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px }
code { background: var(--code); padding: .2em .4em; border-radius: 6px; overflow-wrap: anywhere }
pre { background: var(--panel); padding: 12px; border-radius: 6px; overflow: auto } pre code { background: none; padding: 0 }
.badge { color: #fff; border-radius: 999px; padding: 4px 12px; font-weight: 500; display: inline-block }
.badge.open { background: #1f883d } .badge.closed { background: #cf222e } .badge.merged { background: #8250df }
.badge.draft { background: #59636e }
.box { border: 1px solid var(--line); border-radius: 6px; margin: 16px 0; overflow: hidden }
.box > .head { background: var(--panel); border-bottom: 1px solid var(--line); padding: 8px 16px; display: flex; gap: 8px;
  align-items: center; flex-wrap: wrap }
.box > .body { padding: 16px; overflow-wrap: anywhere } .box > .row { padding: 8px 16px; border-top: 1px solid var(--line) }
.box > .row:first-child { border-top: 0 } .push { margin-left: auto }
.good { color: var(--good) } .bad { color: var(--bad) } .wait { color: var(--wait) } .done { color: var(--done) }
.label { border: 1px solid var(--line); border-radius: 999px; padding: 0 8px; font-size: 12px; color: var(--quiet) }
.markdown > :first-child { margin-top: 0 } .markdown > :last-child { margin-bottom: 0 }
.markdown h1, .markdown h2 { border-bottom: 1px solid var(--line); padding-bottom: .3em; margin: 24px 0 16px; font-weight: 600 }
.markdown h1 { font-size: 2em } .markdown h2 { font-size: 1.5em } .markdown h3 { font-size: 1.25em }
.markdown table { border-collapse: collapse; display: block; margin: 0 0 16px; overflow: auto; max-width: 100% }
.markdown th, .markdown td { border: 1px solid var(--line); padding: 6px 13px } .markdown tr:nth-child(2n) { background: var(--panel) }
.markdown blockquote { margin: 0 0 16px; padding: 0 1em; border-left: .25em solid var(--line); color: var(--quiet) }
.markdown blockquote.alert { color: inherit; border-left-color: var(--link) }
.markdown blockquote.warning, .markdown blockquote.important { border-left-color: var(--wait) }
.markdown blockquote.caution { border-left-color: var(--bad) }
summary.folded { padding: 12px 16px; cursor: pointer }
.markdown img { max-width: 100% } .markdown summary { cursor: pointer } .mention { font-weight: 600 }
table.diff { border-collapse: collapse; width: 100%; font: 12px/20px ui-monospace, Menlo, Consolas, monospace }
table.diff td { padding: 0 10px; white-space: pre-wrap; overflow-wrap: anywhere; vertical-align: top }
table.diff td.n { width: 1%; min-width: 44px; text-align: right; color: var(--quiet); user-select: none }
tr.plus { background: var(--plus) } tr.minus { background: var(--minus) } tr.hunk { background: var(--hunk); color: var(--quiet) }
table.list { border-collapse: collapse; width: 100% } table.list td, table.list th { text-align: left; padding: 6px 12px;
  border-bottom: 1px solid var(--line) }
nav.parts { display: flex; gap: 20px; border-bottom: 1px solid var(--line); margin: 20px 0; padding-bottom: 8px }
form { display: inline } button { font: inherit; color: var(--text); background: var(--panel); border: 1px solid var(--line);
  border-radius: 6px; padding: 4px 12px; cursor: pointer } button.main { background: #1f883d; color: #fff; border-color: #1f883d }
button:disabled { opacity: .5; cursor: default }
`
