import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextTable } from './text-table.ts';

test('whatever was met before, a text is what its bytes say', () => {
  const table = new TextTable((text) => text);
  const text = fc.string({ unit: 'grapheme', maxLength: 80 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), fc.array(text, { maxLength: 5 }), (texts, around) => {
      for (const one of [...texts, ...texts]) {
        const [before, inside, after] = [around.join(''), one, around.join('')].map((part) =>
          Buffer.from(part)
        );
        if (!before || !inside || !after) throw new Error('three parts');
        const bytes = Buffer.concat([before, inside, after]);
        expect(table.find(bytes, before.length, before.length + inside.length)).toBe(inside.toString());
      }
    }),
    { numRuns: 300 }
  );
});

test('a text that comes again is made once', () => {
  let made = 0;
  const table = new TextTable((text) => ({ text, number: ++made }));
  const bytes = Buffer.from('110153 110152 110153');
  expect(table.find(bytes, 0, 6)).toBe(table.find(bytes, 14, 20));
  expect(table.find(bytes, 7, 13)).toMatchObject({ text: '110152', number: 2 });
});
