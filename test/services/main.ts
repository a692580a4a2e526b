/** `npm run services`: real Kafka, MinIO and Apache's REST catalog on this machine, until Ctrl-C. */
import { missingTools } from './install.ts'
import { BUCKET, startServices } from './services.ts'

const missing = missingTools()
if (missing.length > 0) {
  console.error(
    `The services need ${missing.join(', ')}. Install that, or use Docker: docker compose -f resources/compose.yaml up`,
  )
  process.exit(1)
}
console.error(
  'Starting Kafka, MinIO and the Iceberg REST catalog. The first time they are downloaded, which takes minutes.',
)
const { addresses, close } = await startServices({ kafka: 9092, s3: 9000, catalog: 8181 })
console.log(
  [
    'export ICEBERG_CATALOG_TYPE=rest',
    `export ICEBERG_CATALOG_URI=${addresses.catalog.uri}`,
    `export ICEBERG_WAREHOUSE=s3://${BUCKET}/warehouse`,
    `export S3_ENDPOINT=${addresses.s3.endpoint}`,
    `export S3_ACCESS_KEY=${addresses.s3.accessKey}`,
    `export S3_SECRET_KEY=${addresses.s3.secretKey}`,
    `export S3_BUCKET=${BUCKET}`,
    `export KAFKA_BROKERS=${addresses.kafka.brokers}`,
  ].join('\n'),
)
console.error('Running. Ctrl-C stops them and removes their data.')

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1)
    stopping = true
    void close().then(() => process.exit(0))
  })
}
// Keeps the process alive whatever the children's pipes do.
setInterval(() => undefined, 60_000)
