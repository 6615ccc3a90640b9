/** Google's generateContent, streamed or whole. */
import type { Usage } from '#core/session/usage.ts'
import type { Step } from '../script.ts'
import { type Protocol, token } from './protocol.ts'

interface GenerateRequest {
  readonly contents?: readonly { readonly parts?: readonly { readonly functionResponse?: unknown }[] }[]
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[]
}

/** What routers and next-speaker checks want to read. */
const ROUTING = JSON.stringify({
  reasoning: 'simple',
  model_choice: 'flash',
  complexity_reasoning: 'simple',
  complexity_score: 10,
  next_speaker: 'user',
})

export const generateContent: Protocol = {
  usageOf: (answer) => ({
    uncachedInput: 100 + answer * 7,
    cacheRead: 5_000 + answer * 13,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 40 + answer * 3,
    reasoning: 11 + answer,
  }),
  answer({ path, body }, conversation) {
    const [, model, verb] = /\/models\/([^/:]+):(\w+)$/.exec(path) ?? []
    if (model === undefined || verb === undefined) return null
    if (verb === 'countTokens') return { json: { totalTokens: 1234 } }
    if (verb !== 'streamGenerateContent' && verb !== 'generateContent') return null
    const asked = body as GenerateRequest
    const names = (asked.tools ?? []).flatMap(({ functionDeclarations = [] }) => functionDeclarations)
    const isAside = !names.some(({ name }) => name === 'write_file')
    const { step, usage } = isAside ? conversation.aside(ROUTING) : conversation.next(resultsIn(asked))
    const whole = chunk(model, step, usage)
    return verb === 'generateContent' ? { json: whole } : { events: [{ name: null, data: whole }] }
  },
}

function resultsIn({ contents = [] }: GenerateRequest): number {
  return contents.flatMap(({ parts = [] }) => parts).filter(({ functionResponse }) => functionResponse !== undefined)
    .length
}

function chunk(model: string, { think, text, calls = [] }: Step, usage: Usage): unknown {
  const prompt = usage.uncachedInput + usage.cacheRead
  return {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            ...(think === undefined ? [] : [{ text: think, thought: true }]),
            ...(text === undefined ? [] : [{ text }]),
            ...calls.map(([name, args]) => ({ functionCall: { id: `call_${token(24)}`, name, args } })),
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: prompt,
      cachedContentTokenCount: usage.cacheRead,
      candidatesTokenCount: usage.output - usage.reasoning,
      thoughtsTokenCount: usage.reasoning,
      totalTokenCount: prompt + usage.output,
    },
    modelVersion: model,
    responseId: token(22),
  }
}
