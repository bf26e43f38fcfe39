import { readFileSync } from 'node:fs';
import { encodeParameters } from '@vigie/dashboards';
import { parseConfig } from '@vigie/schemas';
import { expect, test } from 'vitest';
import { parameterValues } from './parameters.ts';

const file = new URL('../../../../../vigie.yaml', import.meta.url);
const shipped = parseConfig(readFileSync(file, 'utf8'), 'vigie.yaml');
const [from, to] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-11-24T00:00:00Z')];
const window = { from, to, complete: to, before_from: from, before_to: to, grain: 'day' } as const;

/** Encodes what a statement binds. @returns it, and how many times calendars were read */
function encoded(sql: string) {
  let read = 0;
  const config = {
    ...shipped,
    get calendars() {
      read += 1;
      return shipped.calendars;
    }
  };
  const values = parameterValues(config, { scope: [''], sites: [] }, window, to);
  return { bound: encodeParameters(values, sql, (parts) => parts), read: () => read };
}

test('openings are worked out for statements that bind them alone, and once each', () => {
  const before = encoded(
    'SELECT {from:DateTime64(3)}, {tariffs:Array(Tuple(String, String, Float64, Date, Date))}'
  );
  expect(before.bound['from']).toEqual(from);
  expect(before.read()).toBe(0);
  const hours = '{hours:Array(Tuple(String, UInt32, UInt32))}';
  const bound = encoded(`SELECT ${hours}, ${hours}`);
  expect(bound.read()).toBe(1);
  expect((bound.bound['hours'] as unknown[]).length).toBeGreaterThan(10);
});
