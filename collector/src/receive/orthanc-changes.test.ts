import { describe, expect, test } from 'vitest';
import type { Change } from './orthanc-api.ts';
import { compare, newInstances, restart, start, type Cursor } from './orthanc-changes.ts';

const change = (Seq: number, Date: string, ID = `id-${Seq}`, ChangeType = 'NewInstance'): Change => ({
  Seq,
  Date,
  ID,
  ChangeType
});
const cursor: Cursor = { seq: 40, id: 'id-40', date: '20261124T100000', after: '', anchors: [] };

describe('whether the list of changes is still the one that was read', () => {
  test.each<[string, Cursor, Change | undefined, Change | undefined, 'same' | 'reset' | 'ask']>([
    ['at the very start', start, change(1, '20261124T090000'), undefined, 'same'],
    ['the cursor’s own row is there', cursor, change(40, '20261124T100000'), undefined, 'same'],
    ['its number means another change', cursor, change(40, '20261124T110000', 'other'), undefined, 'reset'],
    ['its row is not there', cursor, change(44, '20261124T110000'), undefined, 'ask'],
    [
      'the end is older: the newest studies were deleted',
      cursor,
      undefined,
      change(30, '20261124T090000'),
      'same'
    ],
    [
      'the end is before the cursor, and newer than it',
      cursor,
      undefined,
      change(3, '20261124T110000'),
      'reset'
    ],
    ['the list is empty', cursor, undefined, undefined, 'same']
  ])('%s', (_, at, first, last, expected) => {
    expect(compare(at, first, last)).toBe(expected);
  });
});

test('after a reset what is older than what was read is passed over', () => {
  const again = restart(cursor);
  const changes = [
    change(1, '20261124T095900'),
    change(2, '20261124T110000'),
    change(3, '20261124T110000', 'series', 'NewSeries')
  ];
  expect(newInstances(changes, again).map(({ Seq }) => Seq)).toEqual([2]);
});
