/** Progress on stderr: one line a step, with its time, so that waiting has a reason. */

export interface Progress {
  readonly step: <Value>(title: string, work: () => Promise<Value>) => Promise<Value>
  readonly note: (text: string) => void
}

export const terminalProgress: Progress = {
  step: async (title, work) => {
    const started = performance.now()
    process.stderr.write(`  … ${title}\n`)
    try {
      const value = await work()
      process.stderr.write(`  ✓ ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`)
      return value
    } catch (cause) {
      process.stderr.write(`  ✗ ${title}\n`)
      throw cause
    }
  },
  note: (text) => void process.stderr.write(`  ${text}\n`),
}

export const silentProgress: Progress = { step: (_title, work) => work(), note: () => undefined }
