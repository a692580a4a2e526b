/** The mark of a value that is null, an open tray. */
export function Null() {
  return <span className="null" role="img" aria-label="null" />
}
