// Runs before the first paint, so that theme and density are right on the first frame.
;(() => {
  const root = document.documentElement
  let stored = {}
  try {
    stored = JSON.parse(localStorage.getItem('tarn.view') ?? '{}')
  } catch {}
  const asked = new URLSearchParams(location.search)
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  root.dataset.theme = asked.get('theme') ?? stored.theme ?? system
  root.dataset.density = asked.get('density') ?? stored.density ?? 'compact'
})()
