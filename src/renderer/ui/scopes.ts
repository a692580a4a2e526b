import type { Scope } from './commands.ts'

/** Where chords hold, in the order in which people meet the places. */
export const SCOPES: readonly { readonly scope: Scope; readonly name: string }[] = [
  { scope: 'everywhere', name: 'Everywhere' },
  { scope: 'welcome', name: 'Welcome' },
  { scope: 'load', name: 'Load' },
  { scope: 'letters', name: 'Dead letters' },
  { scope: 'sql', name: 'SQL' },
  { scope: 'tables', name: 'Tables' },
  { scope: 'dash', name: 'Dashboards' },
  { scope: 'setup', name: 'Set-up' },
  { scope: 'doctor', name: 'Doctor' },
  { scope: 'settings', name: 'Settings' },
]

export function scopeName(scope: Scope): string {
  return SCOPES.find((one) => one.scope === scope)?.name ?? scope
}
