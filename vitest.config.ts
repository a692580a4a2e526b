import { defineConfig } from 'vitest/config'

/**
 * Three projects: `unit` (no server, parallel), `services` (real Kafka, MinIO and Apache's catalog, started once by
 * test/services/setup.ts) and `e2e` (the app in Chromium). All three run by `npm test`, one after the other; none skips
 * silently.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: ['test/services/**', 'test/e2e/**', 'node_modules/**'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'services',
          include: ['test/services/**/*.test.ts'],
          globalSetup: ['test/services/setup.ts'],
          testTimeout: 180_000,
          sequence: { groupOrder: 1 },
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/services/setup.ts'],
          testTimeout: 240_000,
          sequence: { groupOrder: 2 },
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
