import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ever, slicesOf } from './search.ts';

const now = Date.UTC(2026, 10, 24, 18);
const time = fc.integer({ min: ever.from.getTime(), max: ever.to.getTime() });
const recent = fc.integer({ min: now - 400 * 86_400_000, max: now + 86_400_000 });

test('slices are the whole window from where the page begins, in its order, each moment once, few of them', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('date' as const, '-date' as const),
      fc.tuple(fc.oneof(time, recent), fc.oneof(time, recent)),
      fc.option(recent),
      (sort, edges, cursor) => {
        const [from, to] = edges.toSorted((a, b) => a - b) as [number, number];
        const place = cursor !== null && cursor >= from && cursor < to ? cursor : undefined;
        const after = place === undefined ? undefined : { after: place, collector: 'c1', seq: 1, sub: 0 };
        const window = { from: new Date(from), to: new Date(to) };
        const slices = [...slicesOf({ clauses: [], after, sort }, window, now)].map((one) => [one.from.getTime(), one.to.getTime()] as const); // prettier-ignore
        const inTime = sort === 'date' ? slices : slices.toReversed();
        expect(inTime.at(0)?.[0] ?? from).toBe(sort === 'date' ? (place ?? from) : from);
        expect(inTime.at(-1)?.[1] ?? to).toBe(sort === 'date' ? to : place === undefined ? to : place + 1);
        for (const [n, [start, end]] of inTime.entries()) {
          expect(start).toBeLessThanOrEqual(end);
          if (n > 0) expect(start).toBe(inTime[n - 1]?.[1]);
        }
        expect(slices.length).toBeLessThan(12);
      }
    )
  );
});

test('what one patient has is asked for at once', () => {
  const window = { from: new Date(now - 365 * 86_400_000), to: new Date(now) };
  const of = (clauses: Parameters<typeof slicesOf>[0]['clauses']) => [...slicesOf({ clauses, after: undefined, sort: '-date' }, window, now)]; // prettier-ignore
  expect(of([{ kind: 'patient', pseudonyms: [] }])).toEqual([window]);
  expect(of([]).length).toBeGreaterThan(2);
  expect(of([]).at(0)?.from).toEqual(new Date(now - 6 * 3_600_000));
});
