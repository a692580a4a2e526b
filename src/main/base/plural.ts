/** `1 row`, `2,000 rows`. */
export const plural = (count: number | bigint, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${Number(count) === 1 ? '' : 's'}`
