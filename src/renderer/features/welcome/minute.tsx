const STOPS = [
  { second: 0, what: 'window open' },
  { second: 15, what: 'load moving' },
  { second: 30, what: 'query and its chart' },
  { second: 45, what: 'letters fixed, landed' },
  { second: 60, what: 'connect yours' },
] as const

const SECONDS = Array.from({ length: 61 }, (_, second) => second)

/** The minute drawn to scale: a tick a second. */
export function Minute() {
  return (
    <figure className="fig minute">
      <figcaption>
        <b>The first minute with the sample</b>
      </figcaption>
      <div className="minute-line" aria-hidden="true">
        {SECONDS.map((second) => (
          <i
            key={second}
            className={second % 5 === 0 ? 'five' : undefined}
            style={{ left: `${second / 0.6}%` }}
          />
        ))}
        {STOPS.map(({ second }) => (
          <b key={second} style={{ left: `${second / 0.6}%` }} />
        ))}
      </div>
      <ol>
        {STOPS.map(({ second, what }) => (
          <li key={second} style={{ left: `${second / 0.6}%` }}>
            <span>{second} s</span> {what}
          </li>
        ))}
      </ol>
    </figure>
  )
}
