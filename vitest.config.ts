import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const here = import.meta.dirname

// The Worker serves the built dashboard; its tests need some page there, built or not.
const pages = join(here, 'dist/dashboard')
if (!existsSync(pages)) {
  mkdirSync(pages, { recursive: true })
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Stemma</title>')
}

// Ends a test that hangs; says nothing of speed, which `npm run bench` measures. A busy machine must never fail a test.
const PATIENCE = 180_000

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'core',
          include: ['test/core/**/*.test.ts', 'test/*.test.ts'],
          environment: 'node',
          setupFiles: ['./test/properties.ts'],
          testTimeout: PATIENCE,
        },
      },
      {
        test: {
          name: 'node',
          include: ['test/{cli,fake-github,dashboard,local,docs,soak}/**/*.test.ts'],
          environment: 'node',
          globalSetup: './test/local/global-setup.ts',
          setupFiles: ['./test/properties.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            remoteBindings: false,
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations(join(here, 'migrations')),
                SETUP_TOKEN: 'setup-token-of-the-tests',
                GITHUB_WEBHOOK_SECRET: 'webhook-secret-of-the-tests',
                GITLAB_URL: 'https://gitlab.test',
                GITLAB_TOKEN: 'glpat-of-the-tests',
                GITLAB_WEBHOOK_SECRET: 'another-webhook-secret-of-the-tests',
                PUBLIC_URL: 'https://stemma.test',
              },
              // Whatever the Worker asks of the outside world lands here: nothing leaves the machine.
              outboundService: (request: Request) => new Response(`blocked ${request.url}`, { status: 599 }),
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['test/{worker,durable-objects,queues}/**/*.test.ts'],
          setupFiles: ['./test/properties.ts', './test/workerd/setup.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
        },
      },
    ],
  },
})
