import { expect, test } from 'vitest';
import { readPeriod } from './period.ts';

const now = new Date('2026-11-24T13:05:00Z');
const read = (query: string) => {
  const { preset, from, to } = readPeriod(new URLSearchParams(query), now);
  return [preset, from.toISOString(), to.toISOString()];
};

test.each([
  ['period=today', 'today', '2026-11-23T23:00:00.000Z', '2026-11-24T13:05:00.000Z'],
  ['period=24h', '24h', '2026-11-23T13:05:00.000Z', '2026-11-24T13:05:00.000Z'],
  ['period=month', 'month', '2026-10-31T23:00:00.000Z', '2026-11-24T13:05:00.000Z'],
  // October 2026 has the 25-hour day: its days are those of Paris.
  ['period=last-month', 'last-month', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
  // Two moments are a window to the minute.
  [
    'from=2026-11-24T08:00:00Z&to=2026-11-24T09:30:00Z',
    'custom',
    '2026-11-24T08:00:00.000Z',
    '2026-11-24T09:30:00.000Z'
  ],
  ['from=2026-10-25&to=2026-10-25', 'custom', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']
])('%s is a window of Europe/Paris', (query, ...expected) => {
  expect(read(query)).toEqual(expected);
});

test.each([
  'period=ever',
  'from=2026-11-02&to=2026-11-01',
  'from=1990-01-01&to=2026-01-01',
  'from=x&to=y',
  'from=2026-11-24T09:00:00Z&to=2026-11-24T08:00:00Z',
  ''
])('what cannot be read, "%s", is the default', (query) => {
  expect(read(query)[0]).toBe('24h');
});
