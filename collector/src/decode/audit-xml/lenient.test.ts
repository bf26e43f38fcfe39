import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Undecodable } from '../undecodable.ts';
import { readLeniently } from './lenient.ts';
import { parseAuditXml } from './parse.ts';
import { readAuditXml } from './read.ts';
import type { ToldEvent } from './told.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures');
const documents = readdirSync(fixtures)
  .filter((name) => name.startsWith('audit-') && readdirSync(join(fixtures, name)).includes('input.xml'))
  .map((name) => readFileSync(join(fixtures, name, 'input.xml'), 'utf8').trim());

/** What a reader makes of a text: events, or the reason why not. */
function outcome(read: (text: string) => readonly ToldEvent[], text: string): readonly ToldEvent[] | string {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof Undecodable) return error.reason;
    throw error;
  }
}

const pieces = [
  '<',
  '>',
  '/',
  '"',
  "'",
  '&',
  '&amp;',
  '&#0;',
  '&x;',
  '=',
  ' ',
  '\n',
  '\r',
  '\t',
  '\0',
  'é',
  ':'
];
const blocks = [
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?xml?>',
  '<!DOCTYPE a>',
  '<a b="c"/>',
  '</a>',
  ' a="1" a="2"'
];
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(30),
  put: fc.constantFrom('', ...pieces, ...blocks)
});
const edited = fc
  .tuple(fc.constantFrom(...documents), fc.array(edit, { maxLength: 4 }))
  .map(([text, edits]) =>
    edits.reduce((before, { at, cut, put }) => {
      const from = Math.floor(at * before.length);
      return before.slice(0, from) + put + before.slice(from + cut);
    }, text)
  );

test('what is well-formed is read as the parser reads it', () => {
  fc.assert(
    fc.property(edited, (text) => {
      const strict = outcome(parseAuditXml, text);
      if (typeof strict === 'string') return;
      const lenient = outcome(readLeniently, text);
      if (typeof lenient === 'string') throw new Error(lenient);
      for (const { repairs } of lenient) repairs.delete('not-well-formed');
      expect(lenient).toEqual(strict);
    }),
    { numRuns: 20_000 }
  );
});

test('what is not is read in part, or refused with a reason; an event that was mended says so', () => {
  fc.assert(
    fc.property(edited, (text) => {
      // Blanks and NUL around a document are the transport's.
      const body = text.replaceAll(/^[\s\0\ufeff]+|[\s\0]+$/g, '');
      if (outcome(parseAuditXml, body) !== 'not-well-formed') return;
      let mended: string[] = [];
      const lenient = outcome((one) => {
        const { events, repairs } = readAuditXml(Buffer.from(one));
        mended = [...repairs, ...events.flatMap((event) => [...event.repairs])];
        return events;
      }, text);
      if (typeof lenient !== 'string') expect(mended).not.toEqual([]);
    }),
    { numRuns: 20_000 }
  );
});

test.each([
  ['tags that never end', '<AuditMessage '.repeat(80_000)],
  ['opening brackets', '<'.repeat(1_000_000)],
  ['messages within messages', '<AuditMessage>'.repeat(70_000)],
  ['closing tags without opening ones', `<AuditMessage>${'</a>'.repeat(200_000)}`],
  ['quotes that never close', `<AuditMessage>${'<a b="'.repeat(150_000)}`],
  ['comments that never close', `<AuditMessage>${'<!--'.repeat(250_000)}`],
  ['ampersands', `<AuditMessage><ParticipantObjectName>${'&'.repeat(1_000_000)}`],
  ['blanks in a tag', `<AuditMessage ${' '.repeat(1_000_000)}`],
  ['blanks in a value', `<AuditMessage a="${' '.repeat(1_000_000)}="b>`],
  ['attributes', `<AuditMessage ${'a=1 '.repeat(250_000)}>`],
  ['brackets in a value', `<AuditMessage a="${'> '.repeat(500_000)}"b>`],
  ['roots', '<AuditMessage/>'.repeat(9_000)],
  ['names', `<${'a'.repeat(1_000_000)}`],
  ['depth', '<a>'.repeat(300_000)]
])('a megabyte of %s is done with at once', (_, text) => {
  const read = outcome((one) => readAuditXml(Buffer.from(one)).events, text);
  expect(typeof read === 'string' || read.length <= 10_000).toBe(true);
});
