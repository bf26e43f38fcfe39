import { expect, test } from 'vitest';
import { format, pseudonymLabel, shorten } from './format.ts';

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');
const fr = format('fr');
const en = format('en');

test('numbers, bytes and money are written as each language writes them', () => {
  expect([fr.number(1234.5, 1), en.number(1234.5, 1)].map(plain)).toEqual(['1 234,5', '1,234.5']);
  expect([fr.bytes(1.21e12), en.bytes(1.21e12), fr.bytes(999), fr.bytes(0)].map(plain)).toEqual([
    '1,21 To',
    '1.21 TB',
    '999 o',
    '0 o'
  ]);
  expect([fr.money(12_400), en.money(12_400)].map(plain)).toEqual(['12 400 €', '€12,400']);
});

test('a value that rounds up to the next unit is written in it', () => {
  expect([fr.bytes(999_950), fr.bytes(999_999_999), fr.bytes(9.999e9)].map(plain)).toEqual([
    '1,00 Mo',
    '1,00 Go',
    '10,0 Go'
  ]);
});

test('times are those of Paris, in winter and in summer', () => {
  expect(fr.dateTime(new Date('2026-11-24T13:05:00Z'))).toBe('24/11/2026 14:05');
  expect(fr.dateTime(new Date('2026-07-14T13:05:00Z'))).toBe('14/07/2026 15:05');
});

test.each([
  [320, '320 ms'],
  [59_400, '59 s'],
  [130 * 60_000, '2 h 10'],
  [120 * 60_000, '2 h'],
  [49 * 3_600_000, '2 j'],
  [-90_000, '−1 min']
])('%d ms is %s', (ms, text) => {
  expect(plain(fr.duration(ms))).toBe(text);
});

test('long ids are shortened in the middle, pseudonyms by their head', () => {
  expect(shorten('1.2.250.1.999.10.1.20261124.8841')).toBe('1.2.250…24.8841');
  expect(shorten('1.2.250.1')).toBe('1.2.250.1');
  expect(pseudonymLabel('P', '7f3a90d4'.repeat(4))).toBe('P-7F3A');
});
