import { LakeError } from '../../shared/errors.ts'

/** An element of S3's XML: children, or text. Attributes and namespaces carry nothing there and are dropped. */
export interface XmlElement {
  readonly name: string
  readonly children: readonly XmlElement[]
  readonly text: string
}

const maxDepth = 16
const token = /<\?[^>]*\?>|<!--[\s\S]*?-->|<\/([\w:.-]+)\s*>|<([\w:.-]+)(?:\s[^<>]*?)?(\/?)>|([^<]+)/gy

/**
 * Reads the plain XML that S3 answers: elements, text, the five entities and character references. A document type,
 * CDATA or anything unclosed is BAD_RESPONSE.
 */
export function parseXml(text: string): XmlElement {
  const root = { name: '', children: [] as XmlElement[], text: '' }
  const stack = [root]
  token.lastIndex = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (token.lastIndex < text.length) {
    const match = token.exec(text)
    if (match === null) throw bad('unexpected markup')
    const [, closing, opening, empty, characters] = match
    const top = stack.at(-1) ?? root
    if (opening !== undefined) {
      const element = { name: localName(opening), children: [], text: '' }
      top.children.push(element)
      if (empty === '') stack.push(element)
      if (stack.length > maxDepth) throw bad('too deep')
    } else if (closing !== undefined) {
      if (stack.length === 1 || top.name !== localName(closing)) throw bad(`unexpected </${closing}>`)
      stack.pop()
    } else if (characters !== undefined) {
      top.text += decodeEntities(characters)
    }
  }
  const only = root.children[0]
  if (stack.length > 1) throw bad(`<${stack.at(-1)?.name}> is not closed`)
  if (only === undefined || root.children.length > 1 || root.text.trim() !== '')
    throw bad('there is not one root element')
  return only
}

/** Text of the first child called `name`; null where there is none. */
export function childText(element: XmlElement, name: string): string | null {
  return element.children.find((child) => child.name === name)?.text ?? null
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name)
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  return text.replace(/&([^;&]*;?)/g, (_, body: string) => {
    const name = body.endsWith(';') ? body.slice(0, -1) : ''
    const reference = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name)
    if (reference === null) {
      const character = Object.hasOwn(named, name) ? named[name] : undefined
      if (character === undefined) throw bad(`unknown entity &${body}`)
      return character
    }
    const code = reference[1] === undefined ? Number(reference[2]) : Number.parseInt(reference[1], 16)
    if (code > 0x10ffff) throw bad('a character reference is out of range')
    return String.fromCodePoint(code)
  })
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function bad(why: string): LakeError {
  return new LakeError('BAD_RESPONSE', `The service's XML cannot be read: ${why}`)
}
