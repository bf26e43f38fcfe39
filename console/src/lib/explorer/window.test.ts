import { expect, test } from 'vitest';
import { chosen, narrowed, toggled, without } from './facets.ts';
import { keyed, windowOfColumns } from './brush.ts';
import { columnStarts, windowOf } from './window.ts';

const told = (from: string, to: string) => {
  const window = windowOf(new Date(from), new Date(to));
  return [window.exact, window.step, ...[window.from, window.to, window.daysFrom, window.daysTo].map((at) => at.toISOString())]; // prettier-ignore
};

test('a long window is widened to whole hours, and its whole days are those of Europe/Paris', () => {
  expect(told('2026-10-23T10:20:00Z', '2026-10-26T08:01:00Z')).toEqual([
    false, 3600, '2026-10-23T10:00:00.000Z', '2026-10-26T09:00:00.000Z', '2026-10-23T22:00:00.000Z', '2026-10-25T23:00:00.000Z'
  ]); // prettier-ignore
});

test('half a day is counted to the millisecond, and a window without a whole day from hours alone', () => {
  expect(told('2026-11-24T08:00:00.123Z', '2026-11-24T10:00:00Z')).toEqual([
    true, 300, '2026-11-24T08:00:00.123Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z', '2026-11-24T10:00:00.000Z'
  ]); // prettier-ignore
  const [, , , to, daysFrom, daysTo] = told('2026-11-24T00:30:00Z', '2026-11-24T20:00:00Z');
  expect([daysFrom, daysTo]).toEqual([to, to]);
});

test('the day the clocks go back has 25 columns of an hour, and one of a day', () => {
  const day = { from: new Date('2026-10-24T22:00:00Z'), to: new Date('2026-10-25T23:00:00Z') };
  expect(columnStarts({ ...day, step: 3600 })).toHaveLength(25);
  expect(columnStarts({ ...day, step: 86_400 })).toEqual([day.from]);
  expect(columnStarts({ from: day.from, to: new Date('2026-11-02T00:00:00Z'), step: 604_800 })).toEqual(
    ['2026-10-18T22:00:00Z', '2026-10-25T23:00:00Z', '2026-11-01T23:00:00Z'].map((at) => new Date(at))
  );
});

test('a filter is put on, taken off, listed and cleared in the address, and paging starts again', () => {
  expect(toggled('event=110103&before=x&lang=en', 'event', '110112')).toBe('?event=110103&event=110112');
  expect(toggled('event=110103&event=110112', 'event', '110103')).toBe('?event=110112');
  expect(chosen(new URLSearchParams('role=&event=1&event=1&period=7d'))).toEqual([
    { facet: 'event', value: '1' },
    { facet: 'role', value: '' }
  ]);
  expect(without('event=1&site=a&period=7d&before=x', 'event', 'site')).toBe('?period=7d');
  expect(narrowed('period=7d&event=1', new Date('2026-11-24T08:00:00Z'), new Date('2026-11-24T09:00:00Z'))).toBe(
    '?event=1&from=2026-11-24T08%3A00%3A00.000Z&to=2026-11-24T09%3A00%3A00.000Z'
  ); // prettier-ignore
});

test('arrows choose columns, Shift widens, and the chosen ones are a window inside the shown one', () => {
  const first = keyed('ArrowRight', false, undefined, 3);
  const second = keyed('ArrowRight', true, first, 3);
  expect(second).toEqual({ anchor: 0, end: 1 });
  expect(keyed('ArrowRight', false, { anchor: 2, end: 2 }, 3)).toEqual({ anchor: 2, end: 2 });
  expect(keyed('Escape', false, second, 3)).toBeUndefined();
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 24, hour));
  const bounds = { from: at(1), to: at(5) };
  expect(windowOfColumns([at(0), at(2), at(4)], { anchor: 1, end: 0 }, bounds)).toEqual({ from: at(1), to: at(4) }); // prettier-ignore
  expect(windowOfColumns([at(0), at(2), at(4)], { anchor: 2, end: 2 }, bounds)).toEqual({ from: at(4), to: at(5) }); // prettier-ignore
});
