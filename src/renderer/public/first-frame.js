// Runs before the first paint, so that theme and density are right on the first frame. What the address asks for comes
// first, then what the program put on the root (kept in its home folder), then this origin's own storage, then the system.
;(() => {
  const root = document.documentElement
  let stored = {}
  try {
    stored = JSON.parse(localStorage.getItem('tarn.view') ?? '{}')
  } catch {}
  const asked = new URLSearchParams(location.search)
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  const chosen = asked.get('theme') ?? root.dataset.theme ?? stored.theme
  root.dataset.theme = chosen ?? system
  if (!chosen) root.dataset.themeFrom = 'system'
  root.dataset.density = asked.get('density') ?? root.dataset.density ?? stored.density ?? 'compact'
  // The desktop window has no bar of its own: the page's bar leaves room for the buttons.
  if (globalThis.tarnDesktop)
    root.dataset.frame = globalThis.tarnDesktop.platform === 'darwin' ? 'left' : 'right'
  root.dataset.zone = root.dataset.zone ?? stored.zone ?? 'utc'
})()
