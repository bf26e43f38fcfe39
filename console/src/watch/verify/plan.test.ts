import type { Head } from '@vigie/evidence/head/head';
import { expect, test } from 'vitest';
import { lateSince, newPart, oldPart, suspectsOf, turnAfter, withSuspects } from './plan.ts';

const at = (time: string) => Date.parse(time);
/** Heads of chains, each by when its newest block was sealed. */
const headOf = (chains: Readonly<Record<string, string>>): Head => ({
  version: 1,
  kind: 'vigie-head',
  at: 0,
  chains: Object.entries(chains).map(([lane, time], block) => ({
    collector: 'c1',
    lane,
    block,
    header: {
      hash: `${lane} ${time}`,
      text: JSON.stringify({ sealed_at: at(time) }),
      signature: '',
      key_id: ''
    }
  }))
});

test('all is new the first time, and when a chain appears; then what came since the day of the last head', () => {
  const then = headOf({ audit: '2026-11-23T02:30:00Z', ops: '2026-11-23T02:31:00Z' });
  const now = headOf({ audit: '2026-11-24T01:30:00Z', ops: '2026-11-24T01:31:00Z' });
  expect(newPart(undefined, now)).toEqual({});
  expect(newPart(then, now)).toEqual({ from: at('2026-11-22T23:00:00Z') });
  expect(newPart(headOf({ audit: '2026-11-23T02:30:00Z' }), now)).toEqual({});
});

test('a chain that no longer grows does not make all that came after it new again', () => {
  const dead = { retired: '2026-01-05T10:00:00Z' };
  const then = headOf({ ...dead, audit: '2026-11-23T02:30:00Z' });
  expect(newPart(then, headOf({ ...dead, audit: '2026-11-24T02:30:00Z' }))).toEqual({
    from: at('2026-11-22T23:00:00Z')
  });
});

test('the old part moves on by days of Paris, also over a change of clocks, and begins again at the end', () => {
  const first = at('2026-10-20T10:00:00Z');
  const fresh = { from: at('2026-10-31T23:00:00Z') };
  const one = oldPart({}, 7, first, fresh);
  expect(one).toEqual({ from: at('2026-10-19T22:00:00Z'), to: at('2026-10-26T23:00:00Z') });
  const two = oldPart({ oldUntil: one?.to }, 7, first, fresh);
  expect(two).toEqual({ from: one?.to, to: fresh.from });
  expect(oldPart({ oldUntil: two?.to }, 7, first, fresh)).toEqual(one);
  expect(oldPart({}, 0, first, fresh)).toBeUndefined();
  expect(oldPart({}, 7, first, {})).toBeUndefined();
});

test('the days of findings are verified again, or the whole period when one of them names no day', () => {
  const period = { from: 5, to: 9 };
  const finding = { code: 'row-altered' as const, collector: 'c1', lane: 'audit' };
  const dated = { ...finding, sealedAt: at('2026-11-24T10:00:00Z') };
  expect(suspectsOf({ found: 0, findings: [] }, period, 7)).toEqual([]);
  expect(suspectsOf({ found: 2, findings: [dated, dated] }, period, 7)).toEqual([
    { from: at('2026-11-23T23:00:00Z'), to: at('2026-11-24T23:00:00Z'), found: 2, since: 7 }
  ]);
  expect(suspectsOf({ found: 2, findings: [dated, finding] }, period, 7)).toEqual([
    { ...period, found: 2, since: 7 }
  ]);
  expect(suspectsOf({ found: 1, findings: [finding] }, {}, 7)).toEqual([{ found: 1, since: 7 }]);
});

test('a day that is found again is suspect once, since it first was; other periods stand beside it', () => {
  const day = { from: 10, to: 20, found: 1, since: 7 };
  const whole = { found: 3, since: 8 };
  expect(withSuspects([day, whole], [{ ...day, found: 2, since: 9 }])).toEqual([whole, { ...day, found: 2 }]);
  expect(withSuspects([day, whole], [{ found: 1, since: 9 }])).toEqual([day, { found: 1, since: 8 }]);
  expect(withSuspects([], [day])).toEqual([day]);
});

test('a verification is late three hours after its time, and not before it was ever due', () => {
  const nightly = { schedule: '30 2 * * *', since: at('2026-11-20T12:00:00Z') };
  const due = at('2026-11-21T01:30:00Z');
  expect(lateSince(nightly, due + 3 * 3_600_000)).toBeUndefined();
  expect(lateSince(nightly, due + 3 * 3_600_000 + 1)).toBe(due);
  const done = { ...nightly, doneAt: at('2026-11-24T01:45:00Z') };
  expect(lateSince(done, at('2026-11-25T01:00:00Z'))).toBeUndefined();
  expect(lateSince(done, at('2026-11-25T06:00:00Z'))).toBe(at('2026-11-25T01:30:00Z'));
});

test('a whole verification whose time came while days were verified again follows at once; one that failed is tried again', () => {
  const nightly = { schedule: '30 2 * * *', since: at('2026-11-20T12:00:00Z') };
  const due = at('2026-11-21T01:30:00Z');
  expect(turnAfter(nightly, { what: 'again', now: due - 1 }).what).toBe('again');
  expect(turnAfter(nightly, { what: 'again', now: due + 1 })).toEqual({ what: 'all', ms: 0 });
  expect(turnAfter({ ...nightly, doneAt: due + 5 }, { what: 'all', now: due + 5 }).what).toBe('again');
  const failed = { failed: true, now: due + 1 };
  expect(turnAfter(nightly, { what: 'again', ...failed })).toMatchObject({ what: 'all', ms: 600_000 });
  expect(turnAfter(nightly, { what: 'again', ...failed, now: due - 1 }).what).toBe('again');
  expect(turnAfter(undefined, { what: 'again', now: due }).what).toBe('again');
});
