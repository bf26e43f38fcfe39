import { expect, test } from 'vitest';
import { parseSentence, tell } from './sentence.ts';

const french = new Intl.PluralRules('fr');
const rows = [
  { site: 'troyes', exams: 12, delay: null },
  { site: 'hpa', exams: 30, delay: 5 },
  { site: 'gham', exams: null, delay: 9 }
];
const say = (text: string, told: readonly Record<string, unknown>[] = rows) =>
  tell(parseSentence(text), told, (_, value) => (value === null ? '–' : String(value)), french);

test('a sentence picks the first, last, sum, largest, smallest and leading values of the rows', () => {
  expect(
    say('{first site} {last site} {sum exams} {max exams} {min exams} {top site by exams} {count}')
  ).toBe('troyes gham 42 30 12 hpa 3');
});

test('words agree with their number, as French counts', () => {
  const one = (exams: number) => say('{first exams|examen|examens}', [{ exams }]);
  expect([one(0), one(1), one(2)]).toEqual(['0 examen', '1 examen', '2 examens']);
});

test('what no row tells is a dash, never zero', () => {
  expect(say('{sum exams} {max exams} {top site by exams} {first site}', [])).toBe('– – – –');
  expect(say('{sum delay}', [{ delay: null }])).toBe('–');
});
