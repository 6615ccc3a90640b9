import * as fc from 'fast-check'
import { marked } from 'marked'
import { describe, expect, it } from 'vitest'
import { clip, codeSpan, escapeText, link, quotingText, tableCode, visibleText } from '#core/report/markdown-escape.ts'
import { attacks } from './attacks.ts'

const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u

function html(markdown: string): string {
  return marked.parse(markdown, { async: false, gfm: true }).trim()
}

/** The text of a page without its tags and with entities resolved. */
function textOf(page: string): string {
  return page
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

const hostile = fc.oneof(
  fc.constantFrom(...attacks),
  fc
    .array(
      fc.constantFrom(
        '`',
        '``',
        '|',
        '\\',
        '<',
        '>',
        '[',
        ']',
        '(',
        ')',
        '!',
        '@a',
        '#1',
        '*',
        '_',
        '\n',
        ' ',
        'x',
        '&lt;',
        '~',
        '$',
        'http://e.io',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

describe('codeSpan', () => {
  it('is one code element that shows exactly the visible text, whatever it is given', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const page = html(`before ${codeSpan(text)} after`)
        expect(page).toMatch(/^<p>before <code>[^<]*<\/code> after<\/p>$/)
        const inside = textOf(/<code>(.*)<\/code>/s.exec(page)?.[1] ?? '')
        expect(inside).toBe(clip(visibleText(text), 160) || '(empty)')
      }),
    )
  })
})

describe('tableCode', () => {
  it('stays in its cell', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const page = html(`| a | b |\n|---|---|\n| ${tableCode(text)} | end |`)
        const cells = [...page.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell)
        expect(cells).toHaveLength(2)
        expect(cells[0]).toMatch(/^<code>[^<]*<\/code>$/)
        expect(cells[1]).toBe('end')
      }),
    )
  })
})

describe('escapeText', () => {
  it('is text and nothing else, and names nobody', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const page = html(`- **name**: ${escapeText(text)}`)
        expect(page.replace(/<\/?(?:ul|li|strong)>/g, '')).not.toMatch(/<[a-z!/]/i)
        expect(textOf(page)).not.toMatch(/[@#][\w/]/)
      }),
    )
  })

  it.each(attacks.map((attack) => [attack.slice(0, 40), attack] as const))(
    'keeps %j a paragraph at the beginning of a line',
    (_, attack) => {
      expect(html(escapeText(attack)).replace(/^<p>|<\/p>$/g, '')).not.toMatch(/<[a-z!/]/i)
    },
  )
})

describe('quotingText', () => {
  it('shows the quotation as code and everything else as text', () => {
    expect(html(quotingText('`git commit -n` leaves @hooks *out*'))).toBe(
      '<p><code>git commit -n</code> leaves @\u200bhooks *out*</p>',
    )
  })

  it('lets nothing out, whatever is quoted', () => {
    fc.assert(
      fc.property(hostile, hostile, (quoted, around) => {
        const page = html(`- ${quotingText(`\`${quoted}\` ${around}`)}`)
        expect(page.replace(/<\/?(?:ul|li|p|code)>/g, '')).not.toMatch(/<[a-z!/]/i)
        expect(textOf(page.replace(/<code>[^<]*<\/code>/g, ''))).not.toMatch(/[@#][\w/]/)
      }),
    )
  })
})

describe('link', () => {
  it.each(['javascript:alert(1)', 'data:text/html,x', 'not a url', '//evil.example', 'file:///etc/passwd'])(
    'leaves %s out',
    (url) => {
      expect(html(link('label', url))).toBe('<p>label</p>')
    },
  )

  it('cannot be ended by its address or its label', () => {
    fc.assert(
      fc.property(hostile, hostile, (label, path) => {
        const page = html(`${link(label || 'x', `https://stemma.example.com/${path}`)} after`)
        const addresses = [...page.matchAll(/href="([^"]*)"/g)].map(([, address]) => address)
        for (const address of addresses) expect(address).toMatch(/^https:\/\/stemma\.example\.com\//)
        expect(addresses.length).toBeLessThanOrEqual(1)
        expect(page.replace(/<\/?(?:a|p)(?: href="[^"]*")?>/g, '')).not.toMatch(/<[a-z!/]/i)
      }),
    )
  })
})

describe('visibleText', () => {
  it('holds nothing that a terminal obeys or a reader cannot see', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = visibleText(text)
        expect(shown).not.toMatch(unseen)
        expect(shown.isWellFormed()).toBe(true)
      }),
    )
  })
})
