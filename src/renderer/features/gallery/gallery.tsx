export function Gallery() {
  return <main className="work" />
}
