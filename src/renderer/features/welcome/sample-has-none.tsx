import { Button } from '../../ui/button.tsx'
import { runCommand } from '../../ui/commands.ts'
import { Empty } from '../../ui/empty.tsx'

/** In the place of pages about the user's own services, while the sample is open. */
export function SampleHasNone() {
  return (
    <main className="work">
      <Empty
        title="The sample has nothing to set up"
        action={
          <Button small onClick={() => runCommand('sample.leave')}>
            Leave the sample
          </Button>
        }
      >
        Its lake is a folder and its topic a recording. Leave it to connect your own Kafka, catalog and
        storage.
      </Empty>
    </main>
  )
}
