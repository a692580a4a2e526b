import { describe, expect, test } from 'vitest'
import { childrenOf, childText, escapeXml, parseXml } from '../../../src/main/storage/xml.ts'

describe('XML', () => {
  test('reads elements, text, entities and namespaces', () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<!-- note --><s3:List xmlns:s3="http://x/" a=\'>\'><Key>a &amp;&#32;b&#x1F600;&lt;</Key><Empty/><Key/></s3:List>\n'.replace(
        " a='>'",
        '',
      ),
    )
    expect(root.name).toBe('List')
    expect(childText(root, 'Key')).toBe('a & b😀<')
    expect(childrenOf(root, 'Key')).toHaveLength(2)
    expect(childText(root, 'Empty')).toBe('')
    expect(childText(root, 'None')).toBeNull()
  })

  test('keeps what it escapes', () => {
    const text = `<&>"' ]]> ü`
    expect(parseXml(`<a>${escapeXml(text)}</a>`).text).toBe(text)
  })

  test.each([
    '',
    'text',
    '<a>',
    '<a></b>',
    '</a>',
    '<a/><b/>',
    '<a/>tail',
    '<a>&unknown;</a>',
    '<a>&#x110000;</a>',
    '<a>& b</a>',
    '<a><![CDATA[x]]></a>',
    '<!DOCTYPE a><a/>',
    '<a><b</a>',
    '<a>'.repeat(100_000),
  ])('refuses %.40s', (text) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }))
  })

  test('is linear in what it reads', () => {
    const many = `<a>${'<b>x &amp; y</b>'.repeat(100_000)}</a>`
    expect(parseXml(many).children).toHaveLength(100_000)
    expect(() => parseXml(`<a ${' '.repeat(200_000)}`)).toThrow()
    expect(() => parseXml(`<a>${'&'.repeat(200_000)}</a>`)).toThrow()
  })
})
