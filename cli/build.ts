/** Bundles the command line for people's machines: one folder, no node_modules, each command loaded when it is called. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type PluginBuild } from 'esbuild'

/** Writes `stemma.js` and its parts; the launcher `cli/stemma` looks for it in `dist/cli`. */
export async function buildCli(outputDirectory: string): Promise<void> {
  await rm(outputDirectory, { recursive: true, force: true })
  await Promise.all([buildProgram(outputDirectory), buildGuard(outputDirectory)])
}

/** In the form that starts fastest: an agent waits for it at each of its calls. */
async function buildGuard(outputDirectory: string): Promise<void> {
  const folder = join(import.meta.dirname, 'guard')
  await build({
    entryPoints: { guard: join(folder, 'start.ts'), 'guard-program': join(folder, 'main.ts') },
    outdir: outputDirectory,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [{ name: 'zod in parts', setup: takeZodInParts }],
  })
}

/** `import { z }` takes every part of zod along, three quarters of which nobody calls; `import * as z` only those in use. */
function takeZodInParts(bundler: PluginBuild): void {
  bundler.onLoad({ filter: /[/\\](?:core|cli)[/\\][^:]*\.ts$/ }, async ({ path }) => {
    if (path.includes('node_modules')) return null
    const text = await readFile(path, 'utf8')
    return { loader: 'ts', contents: text.replace("import { z } from 'zod'", "import * as z from 'zod'") }
  })
}

async function buildProgram(outputDirectory: string): Promise<void> {
  await build({
    entryPoints: { stemma: join(import.meta.dirname, 'main.ts') },
    outdir: outputDirectory,
    bundle: true,
    splitting: true,
    // Beside the entry: what looks for files of the package by `import.meta.dirname` finds them from every part.
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Some packages offer Node a form whose parts cannot be told at build time, and everybody else ES modules.
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    banner: {
      // Packages in CommonJS form call `require` for Node's own modules.
      js: "import{createRequire as stemmaRequire}from'node:module';const require=stemmaRequire(import.meta.url);",
    },
  })
}
