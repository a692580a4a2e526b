import { expect, test } from 'vitest'
import { sentence } from '../../src/shared/errors.ts'

test.each([
  ['the topic was made anew', 'The topic was made anew.'],
  ['the topic was made anew.', 'The topic was made anew.'],
  ['nothing', 'Nothing.'],
  ['copy.jsonl lacks 3 messages', 'copy.jsonl lacks 3 messages.'],
  ['health_data_raw is another table now', 'health_data_raw is another table now.'],
  ['localhost:9092 refused it', 'localhost:9092 refused it.'],
  ['S3 refused the signature', 'S3 refused the signature.'],
])('a fault is told as a sentence, and names keep their letters: %s', (text, told) => {
  expect(sentence(text)).toBe(told)
})

test('a title is a sentence without its full stop', () => {
  expect(sentence('the topic was made anew', '')).toBe('The topic was made anew')
})
