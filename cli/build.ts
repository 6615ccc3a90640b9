/** Bundles the command line for people's machines: one folder, no node_modules, each command loaded when it is called. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Writes `stemma.js` and its parts; the launcher `cli/stemma` looks for it in `dist/cli`. */
export async function buildCli(outputDirectory: string): Promise<void> {
  await rm(outputDirectory, { recursive: true, force: true })
  await Promise.all([buildProgram(outputDirectory), buildGuard(outputDirectory)])
}

/** One file in the form that starts fastest: an agent waits for it at each of its calls. */
async function buildGuard(outputDirectory: string): Promise<void> {
  await build({
    entryPoints: { guard: join(import.meta.dirname, 'guard', 'main.ts') },
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
