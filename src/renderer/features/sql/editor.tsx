import { autocompletion, closeCompletion, snippet } from '@codemirror/autocomplete'
import { indentLess, indentMore } from '@codemirror/commands'
import { sql } from '@codemirror/lang-sql'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import { type KeyBinding, keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'
import { pressed } from '../../ui/chord.ts'
import { runCommand } from '../../ui/commands.ts'
import { completeSql } from './complete.ts'
import { DuckSql } from './dialect.ts'
import { tabStore } from './tab-store.ts'

export interface Mark {
  /** Half-open, in UTF-16 units of the text. */
  readonly from: number
  readonly to: number
  readonly message: string
}

export interface Selection {
  readonly from: number
  readonly to: number
}

interface EditorProps {
  /** Of the tab: its undo steps, selection and scroll are kept while the window is open. */
  readonly id: string
  readonly text: string
  readonly mark: Mark | null
  readonly onText: (text: string) => void
  readonly onSelect: (selection: Selection) => void
  /** Whether it takes the focus when it appears. */
  readonly focus: boolean
}

/** How an editor was left. */
interface Left {
  readonly state: EditorState
  readonly top: number
}

const left = tabStore<Left>()
/** The editor in sight and what it reports to; there is one at a time. */
let shown: EditorView | null = null
let latest: EditorProps | null = null

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--syn-key)' },
  {
    tag: [tags.function(tags.variableName), tags.typeName, tags.standard(tags.name)],
    color: 'var(--syn-fn)',
  },
  { tag: tags.string, color: 'var(--syn-str)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--syn-num)' },
  { tag: tags.comment, color: 'var(--syn-com)' },
])

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--work)', color: 'var(--text)' },
  '.cm-scroller': { font: '400 13px/20px var(--mono)', fontVariantLigatures: 'none' },
  '.cm-content': { padding: '8px 0 10px', caretColor: 'var(--accent)' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--work)', color: 'var(--text-3)', border: '0', fontSize: '12px' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 12px 0 14px' },
  '.cm-gutter.cm-foldGutter': { display: 'none !important' },
  '.cm-activeLine': { backgroundColor: 'var(--inset)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--accent)', fontWeight: '500' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-mid) !important',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--line-2)',
    borderRadius: 'var(--r-2)',
    boxShadow: 'var(--lift)',
    color: 'var(--text)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--sel)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--failed-line) 1.5px',
    textUnderlineOffset: '4px',
  },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--failed-line)' },
})

/** Where the host put the nonce for style elements. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}

/**
 * Typing over a selection, done by us: the browser would keep the replaced text's look in a style attribute, which the
 * page's policy forbids and reports.
 */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType, isComposing } = event
    const { from, to, empty } = view.state.selection.main
    if (inputType !== 'insertText' || isComposing || data === null || empty) return false
    event.preventDefault()
    const plain = () => view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type' })
    const taken = view.state
      .facet(EditorView.inputHandler)
      .some((handler) => handler(view, from, to, data, plain))
    if (!taken) view.dispatch(plain())
    return true
  },
})

/** Puts text in place of the selection of the editor in sight, and goes there. */
export function insertText(text: string): void {
  if (shown === null) return
  shown.dispatch(shown.state.replaceSelection(text), { userEvent: 'input.paste' })
  shown.focus()
}

/** Puts a snippet in place of the selection; Tab goes from place to place. */
export function insertSnippet(template: string): void {
  if (shown === null) return
  const { from, to } = shown.state.selection.main
  snippet(template)(shown, null, from, to)
  shown.focus()
}

/** Puts `text` in place of all, in one step that can be undone, with the cursor at `at`. */
export function replaceText(text: string, at: number): void {
  if (shown === null) return
  shown.dispatch({
    changes: { from: 0, to: shown.state.doc.length, insert: text },
    selection: { anchor: Math.min(at, text.length) },
    userEvent: 'input.format',
  })
  shown.focus()
}

/** Selects a range of the editor in sight and shows it. */
export function goTo(from: number, to: number): void {
  if (shown === null) return
  const end = shown.state.doc.length
  shown.dispatch({
    selection: { anchor: Math.min(from, end), head: Math.min(to, end) },
    scrollIntoView: true,
  })
  shown.focus()
}

/** Where the cursor or selection is, and the text, of the editor in sight. */
export function inEditor(): { readonly selection: Selection; readonly text: string } | null {
  return shown === null ? null : { selection: selection(shown.state), text: shown.state.doc.toString() }
}

export function focusEditor(): void {
  shown?.focus()
}

const selection = (state: EditorState): Selection => ({
  from: state.selection.main.from,
  to: state.selection.main.to,
})

const reports = EditorView.updateListener.of((update) => {
  if (latest === null || update.view !== shown) return
  if (update.docChanged) latest.onText(update.state.doc.toString())
  if (update.docChanged || update.selectionSet) latest.onSelect(selection(update.state))
})

/** Commands that are heard here first: the editor has its own use for some of their chords. */
const HEARD = ['sql.run', 'sql.all', 'sql.cancel', 'sql.explain', 'sql.format', 'sql.save'] as const

const chords = Prec.highest(
  EditorView.domEventHandlers({
    keydown(event, view) {
      const id = HEARD.find((one) => pressed(event, one))
      if (id === undefined) return false
      event.preventDefault()
      closeCompletion(view)
      runCommand(id)
      return true
    },
  }),
)

/** Tab indents what is selected; with nothing selected it leaves the editor, as it leaves every other field. */
const TAB: KeyBinding = {
  key: 'Tab',
  run: (view) => !view.state.selection.main.empty && indentMore(view),
  shift: (view) => !view.state.selection.main.empty && indentLess(view),
}

function newState(text: string): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [
      EditorView.cspNonce.of(nonce()),
      chords,
      basicSetup,
      keymap.of([TAB]),
      autocompletion({ icons: false, override: [completeSql], activateOnTypingDelay: 120 }),
      sql({ dialect: DuckSql, upperCaseKeywords: true }),
      syntaxHighlighting(colours),
      look,
      typeOver,
      EditorView.contentAttributes.of({ 'aria-label': 'SQL statement', tabindex: '0' }),
      reports,
    ],
  })
}

/** The SQL editor of a tab; `key` it by the tab. */
export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const { id, text, mark, focus } = props
  latest = props

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor holds the text from here on
  useEffect(() => {
    if (host.current === null) return
    const before = left.get(id)
    const state = before?.state.doc.toString() === text ? before.state : newState(text)
    const editor = new EditorView({ parent: host.current, state })
    shown = editor
    if (before?.state === state) requestAnimationFrame(() => editor.scrollDOM.scrollTo(0, before.top))
    latest?.onSelect(selection(editor.state))
    if (focus) editor.focus()
    return () => {
      left.set(id, { state: editor.state, top: editor.scrollDOM.scrollTop })
      if (shown === editor) shown = null
      editor.destroy()
    }
  }, [id])

  useEffect(() => {
    if (shown === null || shown.state.doc.toString() === text) return
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: text } })
  }, [text])

  useEffect(() => {
    if (shown === null) return
    const length = shown.state.doc.length
    const found: Diagnostic[] =
      mark === null || mark.from > length
        ? []
        : [{ from: mark.from, to: Math.min(mark.to, length), severity: 'error', message: mark.message }]
    shown.dispatch(setDiagnostics(shown.state, found))
  }, [mark])

  return <div className="sql-editor" ref={host} />
}
