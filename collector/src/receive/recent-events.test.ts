import { expect, test } from 'vitest';
import { RecentEvents } from './recent-events.ts';

const day = 86_400_000;

test('a repeated event leads to the first for a day', () => {
  const recent = new RecentEvents();
  expect(recent.first('a', 'c1-audit-1-0', 0)).toBe('c1-audit-1-0');
  expect(recent.first('a', 'c1-audit-2-0', day - 1)).toBe('c1-audit-1-0');
  expect(recent.first('a', 'c1-audit-3-0', day)).toBe('c1-audit-3-0');
  expect(recent.first('a', 'c1-audit-4-0', day + 1)).toBe('c1-audit-3-0');
});

test('beyond twice its capacity the oldest is forgotten', () => {
  const recent = new RecentEvents(2);
  for (const name of ['a', 'b', 'c', 'd', 'e']) recent.first(name, `first of ${name}`, 0);
  expect(['a', 'e'].map((name) => recent.first(name, 'again', 1))).toEqual(['again', 'first of e']);
});
