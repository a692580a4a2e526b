import { LakeError } from '../../../shared/errors.ts'
import { listen } from '../server/listen.ts'
import type { Command } from './command.ts'
import { portOf, untilInterrupted } from './serve.ts'

/** The usual port of Iceberg's REST catalogs. */
const USUAL_PORT = 8181

export const catalog: Command = {
  name: 'catalog',
  summary: 'expose the embedded catalog on a loopback port for other engines',
  options: {
    port: { type: 'string', value: 'N', help: `port on 127.0.0.1 (${USUAL_PORT}); 0 takes any free one` },
  },
  async run(context) {
    const { settings, origins } = context.resolved
    if (settings.catalog.type !== 'embedded') {
      const origin = origins.get('catalog.type')?.detail ?? 'default'
      throw new LakeError(
        'USAGE',
        `ICEBERG_CATALOG_TYPE is rest (${origin}): the catalog is a server already, at ${settings.catalog.uri}`,
        {
          context: { setting: 'ICEBERG_CATALOG_TYPE', origin },
          remedy: 'Connect to it directly, or set ICEBERG_CATALOG_TYPE=embedded.',
        },
      )
    }
    const lake = await context.openApp().lake()
    if (!lake.embedded) throw new LakeError('INTERNAL', 'the lake was opened without its embedded catalog')
    const server = lake.embedded.server(settings.catalog.token ?? undefined)
    const listening = await listen(portOf(context.options.port, USUAL_PORT), (port) => {
      const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
      // An engine names the host it was given and no origin; a page of any site would name one.
      return (request) =>
        hosts.has(request.headers.get('host') ?? '') && !request.headers.has('origin')
          ? server.fetch(request)
          : new Response(null, { status: 403 })
    })
    const uri = `http://127.0.0.1:${listening.port}`
    const { warehouse } = settings.catalog
    const note = lake.embedded.readOnly() ? ' (read-only: another Tarn has this lake open)' : ''
    try {
      context.io.stdout.write(
        context.json
          ? `${JSON.stringify({ uri, warehouse })}\n`
          : `Iceberg REST catalog at ${uri}, warehouse ${warehouse}${note}\n`,
      )
      await untilInterrupted(context)
    } finally {
      await listening.close()
    }
    return { code: 0, result: undefined }
  },
}
