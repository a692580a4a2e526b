import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chordOf, commandOf } from '../../../src/renderer/ui/chord.ts'
import { COMMANDS, type CommandDefinition, type Entry } from '../../../src/renderer/ui/commands.ts'
import {
  chordFor,
  clashOf,
  forgetChords,
  isChanged,
  refusedChord,
  setChord,
} from '../../../src/renderer/ui/keys.ts'
import { beforeTyping, findEntries, grouped, keyOf } from '../../../src/renderer/ui/search.ts'

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

  test('no page writes a chord on a part: it names the command, whose chord may have been changed', () => {
    const written = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.tsx') && !path.includes('gallery'))
      .flatMap((path) => {
        const text = readFileSync(join(RENDERER, path), 'utf8')
        return [...text.matchAll(/<(?:kbd|Key)>((?:Ctrl|Alt|F\d+)\b[^<{]*)</g)].map(
          (one) => `${path}: ${one[1]}`,
        )
      })
    expect(written).toEqual([])
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
    [press('Escape'), 'Esc'],
    [press('ArrowUp', { altKey: true }), 'Alt Up'],
  ])('a press is written as the table writes it', (given, chord) => {
    expect(chordOf(given)).toBe(chord)
  })

  test('a page has its own chords, and those that hold everywhere', () => {
    expect(commandOf('S', 'welcome')).toBe('sample.start')
    expect(commandOf('S', 'sql')).toBeNull()
    expect(commandOf('Ctrl K', 'sql')).toBe('palette')
    expect(commandOf('Ctrl Enter', 'sql')).toBe('sql.run')
    // The editor listens for its own.
    expect(commandOf('Ctrl Space', 'sql')).toBeNull()
  })
})

describe('changed chords', () => {
  const storage = new Map<string, string>()
  beforeEach(() => {
    storage.clear()
    forgetChords()
    vi.stubGlobal('localStorage', {
      getItem: (name: string) => storage.get(name) ?? null,
      setItem: (name: string, value: string) => storage.set(name, value),
      removeItem: (name: string) => storage.delete(name),
    })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    forgetChords()
  })

  test('hold for the listener, and are kept', () => {
    setChord('palette', 'Ctrl P')
    expect([chordFor('palette'), isChanged('palette')]).toEqual(['Ctrl P', true])
    expect(commandOf('Ctrl P', 'sql')).toBe('palette')
    expect(commandOf('Ctrl K', 'sql')).toBeNull()
    forgetChords()
    expect(chordFor('palette')).toBe('Ctrl P')
  })

  test('the chord it came with is no change, and none at all is one', () => {
    setChord('palette', null)
    expect([chordFor('palette'), isChanged('palette')]).toEqual([null, true])
    setChord('palette', 'Ctrl K')
    expect(isChanged('palette')).toBe(false)
    expect(storage.size).toBe(0)
  })

  test('clash where both hold on one page, and only there', () => {
    expect(clashOf('go.load', 'Ctrl K')).toBe('palette')
    expect(clashOf('sample.start', 'Ctrl K')).toBe('palette')
    expect(clashOf('palette', 'S')).toBe('sample.start')
    expect(clashOf('load.start', 'S')).toBeNull()
    expect(clashOf('palette', 'Ctrl K')).toBeNull()
    setChord('palette', 'Ctrl P')
    expect(clashOf('go.load', 'Ctrl K')).toBeNull()
  })

  test('what is kept and is no chord of ours counts for nothing', () => {
    storage.set('tarn.shortcuts', '{"palette":7,"gone":"Ctrl G"}')
    expect(chordFor('palette')).toBe('Ctrl K')
    storage.set('tarn.shortcuts', 'not json')
    forgetChords()
    expect(chordFor('palette')).toBe('Ctrl K')
  })

  test.each(['Esc', 'Tab', 'Shift Tab', 'Enter', 'Down', 'Ctrl C', 'Ctrl W'])(
    '%s cannot be given away',
    (chord) => {
      expect(refusedChord(chord)).not.toBeNull()
    },
  )

  test.each(['F8', 'Ctrl K', 'Ctrl Shift T', '?', 'Alt Down'])('%s can be given', (chord) => {
    expect(refusedChord(chord)).toBeNull()
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

  test('before typing, what was chosen last comes first, and what can be done before the rest', () => {
    const recent = [keyOf(entries[1] as Entry), 'Tables\ngone\n', keyOf(entries[3] as Entry)]
    const shown = beforeTyping(entries, recent)
    expect(shown.map((one) => `${one.group}: ${one.name}`)).toEqual([
      'Recent: health_data_raw',
      'Recent: Load again',
      'Areas: Go to Load',
      'Commands: Reload the catalog',
      'Commands: Load again',
      'Tables: health_data_raw',
    ])
    expect(shown[0]?.run).toBe(entries[1]?.run)
  })
})
