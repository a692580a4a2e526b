import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { chordOf, commandOf } from '../../../src/renderer/ui/chord.ts'
import { COMMANDS, type CommandDefinition, type Entry } from '../../../src/renderer/ui/commands.ts'
import { findEntries, grouped } from '../../../src/renderer/ui/search.ts'

const RENDERER = resolve(import.meta.dirname, '../../../src/renderer')
const all = Object.entries(COMMANDS) as [string, CommandDefinition][]
const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', true>> = {},
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
})

describe('chords', () => {
  test('no chord is bound twice on any page', () => {
    const scopes = [...new Set(all.map(([, one]) => one.scope))].filter((scope) => scope !== 'everywhere')
    const twice = scopes.flatMap((scope) => {
      const bound = all.filter(([, one]) => one.chord && (one.scope === scope || one.scope === 'everywhere'))
      return bound
        .filter(([id, one]) => bound.some(([other, { chord }]) => other !== id && chord === one.chord))
        .map(([id, one]) => `${scope}: ${one.chord} ${id}`)
    })
    expect(twice).toEqual([])
  })

  test('a command has a name of its own', () => {
    const names = all.map(([, one]) => one.name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('every chord that a page shows on a button is in the table', () => {
    const chords = new Set(all.map(([, one]) => one.chord))
    const shown = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.tsx') && !path.includes('gallery'))
      .flatMap((path) => {
        const text = readFileSync(join(RENDERER, path), 'utf8')
        return [...text.matchAll(/<(?:kbd|Key)>(Ctrl [^<{]+)<|chord="([^"]+)"/g)].map(
          (one) => [path, one[1] ?? one[2]] as const,
        )
      })
    expect(shown.length).toBeGreaterThan(3)
    expect(shown.filter(([, chord]) => !chords.has(chord))).toEqual([])
  })

  test.each([
    [press('k', { ctrlKey: true }), 'Ctrl K'],
    [press('k', { metaKey: true }), 'Ctrl K'],
    [press('L', { ctrlKey: true, shiftKey: true }), 'Ctrl Shift L'],
    [press('?', { shiftKey: true }), '?'],
    [press('s'), 'S'],
    [press('S', { shiftKey: true }), 'Shift S'],
    [press(' ', { ctrlKey: true }), 'Ctrl Space'],
    [press('1', { ctrlKey: true, altKey: true }), 'Ctrl Alt 1'],
  ])('a press is written as the table writes it', (given, chord) => {
    expect(chordOf(given)).toBe(chord)
  })

  test('a page has its own chords, and those that hold everywhere', () => {
    expect(commandOf('S', 'welcome')).toBe('sample.start')
    expect(commandOf('S', 'sql')).toBeNull()
    expect(commandOf('Ctrl K', 'sql')).toBe('palette')
    // The editor listens for its own.
    expect(commandOf('Ctrl Enter', 'sql')).toBeNull()
  })
})

describe('finding by name', () => {
  const entry = (name: string, group = 'Commands', note?: string): Entry => ({
    name,
    group,
    icon: 'sql',
    run: () => {},
    ...(note ? { note } : {}),
  })
  const entries = [
    entry('Go to Load', 'Areas'),
    entry('health_data_raw', 'Tables'),
    entry('Reload the catalog'),
    entry('Load again', 'Commands', 'of health_data_raw'),
  ]

  test('puts the start of a name first, then starts of words, then the rest, then notes', () => {
    expect(findEntries(entries, 'load').map((one) => one.entry.name)).toEqual([
      'Load again',
      'Go to Load',
      'Reload the catalog',
    ])
    expect(findEntries(entries, 'raw').map((one) => one.entry.name)).toEqual([
      'health_data_raw',
      'Load again',
    ])
  })

  test('every word must be found, in any order; what was found is marked', () => {
    expect(findEntries(entries, 'RAW health')[0]?.pieces.filter((piece) => piece.hit)).toEqual([
      { at: 0, text: 'health', hit: true },
      { at: 12, text: 'raw', hit: true },
    ])
    expect(findEntries(entries, 'raw sugar')).toEqual([])
    expect(findEntries(entries, '  ')).toHaveLength(entries.length)
  })

  test('groups come in the order of their best', () => {
    expect(grouped(findEntries(entries, 'load')).map((one) => one.group)).toEqual(['Commands', 'Areas'])
  })
})
