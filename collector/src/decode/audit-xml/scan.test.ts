import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAuditMessage, type AuditMessage } from '@vigie/schemas/audit-message';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAuditXml } from './parse.ts';
import { scanAuditXml } from './scan.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures');
const documents = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(fixtures, name))
      .filter((file) => file === 'input.xml')
      .map((file) => readFileSync(join(fixtures, name, file), 'utf8').trim())
  );

/** Where the scanner gives a result, the parser gives the same; returns whether it gave one. */
function agree(text: string): boolean {
  const scanned = scanAuditXml(Buffer.from(text));
  if (scanned !== null) expect(scanned).toEqual(parseAuditXml(text));
  return scanned !== null;
}

const word = fc.string({ unit: 'grapheme', maxLength: 12 });
const coded = fc.record({ code: word, system: word, text: word });
const message: fc.Arbitrary<AuditMessage> = fc.record({
  event: coded,
  eventTypes: fc.array(coded, { maxLength: 2 }),
  action: fc.constantFrom('C', 'R', 'U', 'D', 'E'),
  outcome: fc.constantFrom(0, 4, 8, 12),
  dateTime: fc.constant('2026-11-24T08:05:00Z'),
  participants: fc.array(
    fc.record({
      userId: word,
      userName: word,
      requestor: fc.boolean(),
      roles: fc.array(coded, { maxLength: 2 })
    }),
    { maxLength: 3 }
  ),
  sourceId: word,
  objects: fc.array(
    fc.record({
      id: word,
      idType: coded,
      type: fc.constantFrom(1, 2, 3, 4),
      role: fc.nat(26),
      name: word,
      accessions: fc.array(word, { maxLength: 2 }),
      sopClasses: fc.array(fc.record({ uid: word, instances: fc.nat(9999) }), { maxLength: 2 })
    }),
    { maxLength: 3 }
  )
});

test('regular documents are scanned, and give what the parser gives', () => {
  const regular = fc.string({ unit: 'grapheme-ascii', maxLength: 5 });
  fc.assert(
    fc.property(message, regular, (told, comment) => {
      const xml = buildAuditMessage(told);
      const commented = comment.includes('-')
        ? xml
        : xml.replace('</AuditMessage>', `<!--${comment}--></AuditMessage>`);
      expect(agree(commented)).toBe(true);
      expect(agree(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)).toBe(true);
    }),
    { numRuns: 500 }
  );
});

test('most fixtures that need no mending are regular', () => {
  const whole = documents.filter((text) => {
    try {
      return parseAuditXml(text).every(({ repairs }) => repairs.size === 0);
    } catch {
      return false;
    }
  });
  expect(whole.length).toBeGreaterThan(10);
  expect(whole.filter((text) => agree(text)).length).toBeGreaterThan(whole.length * 0.8);
});

test('whatever is done to a document, the scanner never differs from the parser', () => {
  const pieces = [
    '<',
    '>',
    '/',
    '"',
    "'",
    '&',
    '&amp;',
    '&#xD800;',
    '&#0;',
    '&x;',
    '=',
    ' ',
    '\n',
    '\r',
    '\t',
    '\0'
  ];
  const blocks = [
    '<!--',
    '-->',
    '--',
    '<![CDATA[',
    ']]>',
    '<?xml?>',
    '<!DOCTYPE a>',
    '<a b="c"/>',
    '</a>',
    ' a="1" a="2"',
    '\ufffe',
    'é',
    ':'
  ];
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(6),
    put: fc.constantFrom('', ...pieces, ...blocks)
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...documents),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (text, edits) => {
        const edited = edits.reduce((before, { at, cut, put }) => {
          const from = Math.floor(at * before.length);
          return before.slice(0, from) + put + before.slice(from + cut);
        }, text);
        agree(edited);
      }
    ),
    { numRuns: 20_000 }
  );
});
