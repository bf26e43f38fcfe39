import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseConfig } from '@vigie/schemas';
import { root } from '@vigie/tools/testkit/process';
import { expect, test } from 'vitest';
import { parseSyslogSearch } from '../syslog/parse.ts';
import { Binder, clauseSql } from './clause.ts';
import { FhirFault } from './fault.ts';
import { parameters } from './parameters.ts';
import type { Asker } from './identifiers.ts';
import { parseSearch } from './parse.ts';
import { windowOf } from './search.ts';

const key = Buffer.alloc(32, 7);
const config = parseConfig(readFileSync(join(root, 'vigie.yaml'), 'utf8'), 'vigie.yaml', {});
const asker: Asker = { persons: true, config, key };

const modifiers = [
  '',
  '',
  '',
  ':not',
  ':exact',
  ':contains',
  ':missing',
  ':Patient',
  ':identifier',
  '.identifier'
];
const name = fc.oneof(
  fc.tuple(fc.constantFrom(...Object.keys(parameters), '_count', '_sort', '_summary', '_total', '_format', 'user', 'role'), fc.constantFrom(...modifiers)).map((parts) => parts.join('')), // prettier-ignore
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', ':', ':not', '.')
);
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('ge2026-11-24', '2026', 'ne2026-01', 'http://x|y', '|', 'a|', '|b', '\\', ',', ',,', "'; DROP TABLE audit.event --", '{p0:String}', '1^^^&1.2&ISO', 'urn:vigie:pseudonym|x', '0'.repeat(1999)) // prettier-ignore
);
const query = fc.array(fc.tuple(name, value), { maxLength: 12 });

test('whatever is asked, it is a search whose values are all bound, or a refusal that repeats none of them', () => {
  fc.assert(
    fc.property(query, fc.boolean(), (entries, dated) => {
      const asked = dated ? [['date', 'ge2026-11-01'] as const, ...entries] : entries;
      try {
        const search = parseSearch(asked, asker);
        const clauses = search.parts.flatMap((part) =>
          part.asked.kind === 'any-of-system' ? [] : [part.asked]
        );
        const { from, to } = windowOf(clauses);
        expect(from.getTime()).toBeLessThanOrEqual(to.getTime());
        for (const clause of clauses) {
          const binder = new Binder();
          const sql = clauseSql(clause, binder, true);
          expect(sql).toMatch(/^[\w\s(){}[\]:,.=<>!?'*+-]+$/);
          expect([...sql.matchAll(/\{(p\d+):/g)].every(([, bound = '']) => bound in binder.values)).toBe(
            true
          );
        }
      } catch (error) {
        if (!(error instanceof FhirFault)) throw error;
        expect(error.status).toBeGreaterThanOrEqual(400);
        expect(error.status).toBeLessThan(500);
        expect(error.message.length).toBeLessThan(400);
      }
    }),
    { numRuns: 3000 }
  );
});

test('a search for syslog messages likewise', () => {
  const names = fc.oneof(
    fc.constantFrom(
      'date',
      'pri',
      'Hostname',
      'APP-NAME',
      'msg',
      'eventID',
      'Requestor',
      '_count',
      'constructor'
    ),
    fc.string({ unit: 'binary', maxLength: 40 })
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(names, value), { maxLength: 12 }), (entries) => {
      try {
        expect(parseSyslogSearch([['date', '2026'], ...entries], key).count).toBeLessThanOrEqual(200);
      } catch (error) {
        if (!(error instanceof FhirFault)) throw error;
        expect(error.status).toBe(400);
      }
    }),
    { numRuns: 2000 }
  );
});

test('too many parameters and too long ones are refused', () => {
  const many = Array.from({ length: 61 }, () => ['type', '110103'] as const);
  expect(() => parseSearch(many, asker)).toThrow(/At most 60/);
  expect(() => parseSearch([['type', 'x'.repeat(2001)]], asker)).toThrow(/longer than 2000/);
  expect(() => parseSearch([['type', 'a,'.repeat(200)]], asker)).toThrow(/more than 100/);
});
