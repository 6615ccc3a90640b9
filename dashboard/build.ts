/** Builds the static site: dashboard/ -> a folder of files that any web server can give out. */
import { build } from 'vite'

export async function buildDashboard(outputDirectory: string): Promise<void> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: outputDirectory,
      emptyOutDir: true,
      target: 'es2022',
      // The content security policy allows no inline script, and the polyfill would be one.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
    },
  })
}
