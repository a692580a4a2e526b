import { Toasts } from '../../ui/toast.tsx'
import { setView, useView } from '../../ui/view.ts'
import { Content } from './content.tsx'
import { Controls } from './controls.tsx'
import { Places } from './places.tsx'
import { Surfaces } from './surfaces.tsx'
import './gallery.css'

/** Every part in every state, made of the parts themselves. For those who build the app. */
export function Gallery() {
  const view = useView()
  return (
    <main className="gallery">
      <div className="gallery-head">
        <h1>Kit</h1>
        <span className="t2 grow">every part in every state</span>
        <button
          type="button"
          className="btn s"
          onClick={() => setView({ theme: view.theme === 'dark' ? 'light' : 'dark' })}
        >
          Change theme
        </button>
        <button
          type="button"
          className="btn s"
          onClick={() => setView({ density: view.density === 'compact' ? 'comfortable' : 'compact' })}
        >
          Change density
        </button>
      </div>
      <div className="gallery-columns">
        <Surfaces />
        <Controls />
        <Content />
        <Places />
      </div>
      <Toasts />
    </main>
  )
}
