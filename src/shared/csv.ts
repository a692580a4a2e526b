/**
 * Text that a spreadsheet would run as a formula gets an apostrophe in front, also where its sign is the full-width one of
 * an East Asian keyboard. For text only: a negative number is no formula.
 */
export function withoutFormula(text: string): string {
  return /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text
}

/** Text as one field of CSV (RFC 4180), in quotes and never a formula; null is an empty field, empty text is `""`. */
export function csvText(text: string | null): string {
  return text === null ? '' : `"${withoutFormula(text).replaceAll('"', '""')}"`
}
