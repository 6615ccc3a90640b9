/** A real Chromium where one is found; null where none is, and then whoever asked says so. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export function findChromium(): string | null {
  const named = process.env['STEMMA_CHROMIUM']
  return [...(named ? [named] : []), ...places].find((path) => existsSync(path)) ?? null
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // No sandbox: it cannot be had as root in a container. The rest keeps the browser off the network.
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
