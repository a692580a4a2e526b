import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

/** Every worker thread is an entry of its own: it is loaded by path at run time (`base/worker-url.ts`). */
function workers(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('worker.ts'),
  )
  return Object.fromEntries(
    found.map((path) => [path.replace(/\.ts$/, '').replaceAll('\\', '/'), join(folder, path)]),
  )
}

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      minify: false,
      externalizeDeps: true,
      rollupOptions: {
        input: {
          'hosts/electron/main': 'src/main/hosts/electron/main.ts',
          'hosts/cli/tarn': 'src/main/hosts/cli/tarn.ts',
          ...workers('src/main'),
        },
        output: {
          format: 'es',
          preserveModules: true,
          preserveModulesRoot: 'src/main',
          entryFileNames: '[name].js',
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: 'src/main/hosts/electron/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react(), tailwindcss()],
    worker: { format: 'es' },
    build: {
      outDir: 'out/renderer',
      assetsInlineLimit: 0,
      rollupOptions: { input: 'src/renderer/index.html' },
    },
  },
})
