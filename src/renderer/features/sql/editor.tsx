import { autocompletion } from '@codemirror/autocomplete'
import { indentWithTab } from '@codemirror/commands'
import { type SQLNamespace, sql } from '@codemirror/lang-sql'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'
import { DuckSql } from './dialect.ts'

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
  readonly text: string
  readonly names: SQLNamespace
  readonly mark: Mark | null
  readonly onText: (text: string) => void
  readonly onSelect: (selection: Selection) => void
  /** With the text as it stands in the editor. */
  readonly onRun: (selection: Selection, text: string) => void
  readonly onCancel: () => void
  /** Whether it takes the focus when it appears. */
  readonly focus: boolean
}

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

/** The SQL editor. Tab indents until Esc is pressed; then Tab leaves it. */
export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef(props)
  latest.current = props
  const language = useRef(new Compartment())

  useEffect(() => {
    if (host.current === null) return
    const selection = (state: EditorState): Selection => state.selection.main
    const run = (target: EditorView): boolean => {
      latest.current.onRun(selection(target.state), target.state.doc.toString())
      return true
    }
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run },
              {
                key: 'Mod-.',
                run: () => {
                  latest.current.onCancel()
                  return true
                },
              },
            ]),
          ),
          basicSetup,
          keymap.of([indentWithTab]),
          autocompletion({ icons: false }),
          language.current.of(languageOf(latest.current.names)),
          syntaxHighlighting(colours),
          look,
          typeOver,
          EditorView.contentAttributes.of({ 'aria-label': 'SQL statement' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onText(update.state.doc.toString())
            if (update.docChanged || update.selectionSet) latest.current.onSelect(selection(update.state))
          }),
        ],
      }),
    })
    view.current = editor
    latest.current.onSelect(selection(editor.state))
    if (latest.current.focus) editor.focus()
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [])

  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === props.text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.text } })
  }, [props.text])

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(languageOf(props.names)) })
  }, [props.names])

  const { mark } = props
  useEffect(() => {
    const editor = view.current
    if (editor === null) return
    const length = editor.state.doc.length
    const found: Diagnostic[] =
      mark === null || mark.from > length
        ? []
        : [{ from: mark.from, to: Math.min(mark.to, length), severity: 'error', message: mark.message }]
    editor.dispatch(setDiagnostics(editor.state, found))
  }, [mark])

  return <div className="sql-editor" ref={host} />
}

function languageOf(names: SQLNamespace) {
  return sql({ dialect: DuckSql, schema: names, upperCaseKeywords: true })
}
