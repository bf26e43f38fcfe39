import { expect, test } from 'vitest';
import { RecentByPlace } from './recent.ts';

test('what was found lately is found again in its place only, and the oldest is forgotten', () => {
  const recent = new RecentByPlace<number>(3);
  recent.set('north', 'pacs', 'a', 1);
  recent.set('south', 'pacs', 'a', 2);
  recent.set('north', 'ris', 'a', 3);
  expect([recent.peek('north', 'pacs', 'a'), recent.peek('south', 'pacs', 'a')]).toEqual([1, 2]);
  expect(recent.peek('north', 'ris', 'b')).toBeUndefined();
  recent.set('north', 'pacs', 'b', 4);
  // One that is asked for stays when the next three come.
  expect(recent.peek('south', 'pacs', 'a')).toBe(2);
  for (const name of ['c', 'd', 'e']) recent.set('north', 'pacs', name, 5);
  expect(recent.peek('south', 'pacs', 'a')).toBe(2);
  expect(recent.peek('north', 'ris', 'a')).toBeUndefined();
});
