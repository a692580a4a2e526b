/** A key or a chord as a hint: `Ctrl K`. */
export function Key({ children }: { children: string }) {
  return <kbd>{children}</kbd>
}
