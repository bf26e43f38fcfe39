import { expect, test } from 'vitest';
import { letters, paths } from './paths.ts';

test('each page has an address and a letter of its own', () => {
  for (const each of [paths, letters]) {
    const values = Object.values(each);
    expect(values.toSorted()).toEqual([...new Set(values)].toSorted());
  }
});
