import { Button } from '../../ui/button.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { setView, useView } from '../../ui/view.ts'
import { Row } from './setting-row.tsx'

/** Names by which the search finds them. */
export const LOOK_NAMES = ['Theme', 'Density', 'Time'] as const

/** How this computer's windows show things. */
export function LookRows({ shown }: { shown: (name: string) => boolean }) {
  const { choice, density, zone } = useView()
  const source = (changed: boolean) => (changed ? 'this computer' : 'default')
  return (
    <>
      {shown('Theme') && (
        <Row
          name="Theme"
          selected={false}
          source={source(choice !== 'system')}
          action={
            choice !== 'system' && (
              <Button small kind="quiet" aria-label="Reset Theme" onClick={() => setView({ theme: null })}>
                Reset
              </Button>
            )
          }
        >
          <Segmented
            label="Theme"
            value={choice}
            choices={[
              { value: 'system', word: 'As the system' },
              { value: 'light', word: 'Light' },
              { value: 'dark', word: 'Dark' },
            ]}
            onChange={(theme) => setView({ theme: theme === 'system' ? null : theme })}
          />
        </Row>
      )}
      {shown('Density') && (
        <Row
          name="Density"
          note="rows of 26 or 34 px"
          selected={false}
          source={source(density !== 'compact')}
        >
          <Segmented
            label="Density"
            value={density}
            choices={[
              { value: 'compact', word: 'Compact' },
              { value: 'comfortable', word: 'Comfortable' },
            ]}
            onChange={(next) => setView({ density: next })}
          />
        </Row>
      )}
      {shown('Time') && (
        <Row name="Time" note="rules all times on all pages" selected={false} source={source(zone !== 'utc')}>
          <Segmented
            label="Time"
            value={zone}
            choices={[
              { value: 'utc', word: 'UTC' },
              { value: 'local', word: 'Local' },
            ]}
            onChange={(next) => setView({ zone: next })}
          />
        </Row>
      )}
    </>
  )
}
