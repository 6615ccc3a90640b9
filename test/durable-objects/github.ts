/** A GitHub that answers from a script and remembers what it was asked; installed in place of `fetch`. */
import { vi } from 'vitest'

interface Asked {
  readonly method: string
  /** Below the API's root, with the query; the whole address of any other host. */
  readonly path: string
  readonly authorization: string
  readonly body: unknown
}

type Answer = (asked: Asked) => Response | null | Promise<Response | null>

export interface ScriptedGitHub {
  readonly asked: Asked[]
  /** Requests that change something, tokens left out. */
  readonly writes: () => readonly Asked[]
  /** The first script that does not give null answers; newer ones are asked before older ones. */
  readonly answer: (script: Answer) => void
}

/** Issues tokens by itself; refuses with 500 what no script answers. Restore with `vi.restoreAllMocks()`. */
export function scriptGitHub(apiUrl = 'https://api.github.com'): ScriptedGitHub {
  const asked: Asked[] = []
  const scripts: Answer[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const text = await request.text()
    const one: Asked = {
      method: request.method,
      path: request.url.startsWith(`${apiUrl}/`) ? request.url.slice(apiUrl.length) : request.url,
      authorization: request.headers.get('authorization') ?? '',
      body: text === '' ? null : JSON.parse(text),
    }
    asked.push(one)
    for (const script of scripts.toReversed()) {
      const answer = await script(one)
      if (answer !== null) return answer
    }
    if (one.path.endsWith('/access_tokens')) {
      const token = `ghs_${asked.length}`
      return json({ token, expires_at: new Date(Date.now() + 3_600_000).toISOString() }, 201)
    }
    return json({ message: `nothing answers ${one.method} ${one.path}` }, 500)
  })
  return {
    asked,
    writes: () => asked.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/access_tokens')),
    answer: (script) => {
      scripts.push(script)
    },
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

/** Waits until the condition holds; alarms and queues run beside the test. */
export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 60_000): Promise<void> {
  const end = Date.now() + milliseconds
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
