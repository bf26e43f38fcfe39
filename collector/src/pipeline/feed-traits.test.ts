import { expect, test } from 'vitest';
import type { Reception } from '../reception.ts';
import { FeedTraits } from './feed-traits.ts';

const origin = { source: 'pacs', site: '', establishment: '' };
const at = (receivedAt: number): Reception => ({
  raw: Buffer.alloc(0),
  format: 'syslog',
  transport: 'tcp',
  peer: '10.0.0.1',
  source: '',
  receivedAt
});
const runsOf = (numbers: readonly number[]) => {
  const traits = new FeedTraits();
  numbers.forEach((number, i) => traits.count(origin, at(i), { sequence: { by: 'pacs', number } }, false));
  return traits.rows({ lane: 'audit' }).map(({ run, messages, first, last }) => [run, messages, first, last]);
};

test('numbers that go up are one run, whose missing ones are its span less its messages', () => {
  expect(runsOf([5, 6, 7, 10])).toEqual([[0, 4, 5, 10]]);
});

test('numbers that come late belong to the run, and a sender that starts again begins another', () => {
  expect(runsOf([5, 7, 6, 8])).toEqual([[0, 4, 5, 8]]);
  expect(runsOf([5000, 5001, 1, 2])).toEqual([
    [0, 2, 5000, 5001],
    [1, 2, 1, 2]
  ]);
  expect(runsOf([50_000, 7])).toHaveLength(2);
});

test('a message that was received before, under a number that was too, says nothing new', () => {
  const traits = new FeedTraits();
  for (const number of [1, 2, 5]) traits.count(origin, at(0), { sequence: { by: 'pacs', number } }, false);
  traits.count(origin, at(1), { sequence: { by: 'pacs', number: 1 } }, true);
  expect(traits.rows({ lane: 'audit' })).toMatchObject([{ run: 0, messages: 3, first: 1, last: 5 }]);
});

test('forms are counted, and a sender that makes up names makes no more rows than the bound', () => {
  const traits = new FeedTraits();
  for (let i = 0; i < 1000; i++)
    traits.count({ ...origin, source: `unknown:${i}` }, at(i), { header: 'none' }, false);
  const rows = traits.rows({ lane: 'audit' });
  expect(rows).toHaveLength(200);
  expect(rows[0]).toMatchObject({ trait: 'header', value: 'none', messages: 1, retention: 'audit' });
});
