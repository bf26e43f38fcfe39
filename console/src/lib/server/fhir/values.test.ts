import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDate, readToken, splitEscaped, unescapeValue } from './values.ts';

const utc = (text: string) => {
  const value = readDate(text);
  return value && [value.comparator, new Date(value.from).toISOString(), new Date(value.to).toISOString()];
};

test('a date is as wide as its precision, in Europe/Paris unless it names a zone', () => {
  expect(utc('2026-11-24')).toEqual(['eq', '2026-11-23T23:00:00.000Z', '2026-11-24T23:00:00.000Z']);
  expect(utc('ge2026-07')).toEqual(['ge', '2026-06-30T22:00:00.000Z', '2026-07-31T22:00:00.000Z']);
  expect(utc('sa2026-11-24T08:05Z')).toEqual(['sa', '2026-11-24T08:05:00.000Z', '2026-11-24T08:06:00.000Z']);
  expect(utc('lt2026-11-24T08:05:00.5+01:00')).toEqual([
    'lt',
    '2026-11-24T07:05:00.500Z',
    '2026-11-24T07:05:00.501Z'
  ]);
  // The day clocks change has 25 hours.
  expect(utc('2026-10-25')).toEqual(['eq', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
});

test.each([
  '',
  'ge',
  'ap2026',
  'zz2026',
  '2026-2',
  '2026-02-30',
  '2026-11-24T25:00',
  '24/11/2026',
  '1500',
  '9999'
])('"%s" is no date that can be searched', (text) => {
  expect(readDate(text)).toBeUndefined();
});

test('commas and bars that are escaped separate nothing', () => {
  expect(splitEscaped(String.raw`a\,b,c\\,d`, ',').map(unescapeValue)).toEqual(['a,b', 'c\\', 'd']);
  expect(readToken(String.raw`s|a\|b`)).toEqual({ system: 's', code: 'a|b' });
  expect(readToken('|x')).toEqual({ system: '', code: 'x' });
  expect(readToken('s|')).toEqual({ system: 's', code: '' });
  expect(readToken('|')).toBeUndefined();
});

test('what is escaped comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, two) => {
      const escape = (text: string) => text.replaceAll(/[\\,|$]/g, (character) => `\\${character}`);
      expect(splitEscaped(`${escape(one)},${escape(two)}`, ',').map(unescapeValue)).toEqual([one, two]);
    })
  );
});
