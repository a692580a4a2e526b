import { Component, type ErrorInfo, type ReactNode } from 'react'
import { type Fault, isLakeError, toFault } from '../../shared/errors.ts'
import { Button } from './button.tsx'
import { FaultBlock } from './fault.tsx'

/** Lines of a stack that are worth copying. */
const LINES = 8

/** What a page's failure to be drawn says: the error itself, and where in the page it was. */
function faultOf(error: unknown, stack: string | null): Fault {
  if (isLakeError(error)) return toFault(error)
  const place = (stack ?? '').trim().split('\n').slice(0, LINES).join('\n')
  return {
    code: 'INTERNAL',
    outcome: 'reject',
    title: 'This page could not be drawn',
    likely: 'A fault of Tarn itself: the page was given something that it does not know.',
    remedy:
      'Show it again. The other pages, and a load that runs, go on. If it comes back, the details help to mend it.',
    context: { error: toFault(error).title, ...(place === '' ? {} : { place }) },
  }
}

interface Held {
  readonly failed: { readonly error: unknown } | null
  readonly stack: string | null
}

interface Props {
  /** Where the window is: at another place the page is tried again. */
  readonly at: unknown
  readonly children: ReactNode
}

/** Keeps the failure of one page to that page: the rest of the window goes on. Keyed by the page, so that another starts anew. */
export class PageBoundary extends Component<Props, Held> {
  override state: Held = { failed: null, stack: null }

  static getDerivedStateFromError(error: unknown): Partial<Held> {
    return { failed: { error } }
  }

  override componentDidCatch(_error: unknown, { componentStack }: ErrorInfo): void {
    this.setState({ stack: componentStack ?? null })
  }

  override componentDidUpdate({ at }: Props): void {
    if (at !== this.props.at && this.state.failed !== null) this.setState({ failed: null, stack: null })
  }

  override render(): ReactNode {
    const { failed, stack } = this.state
    if (failed === null) return this.props.children
    return (
      <main className="work">
        <FaultBlock fault={faultOf(failed.error, stack)}>
          <Button small onClick={() => this.setState({ failed: null, stack: null })}>
            Show the page again
          </Button>
        </FaultBlock>
      </main>
    )
  }
}
