import { expect, test } from 'vitest';
import { judgeSilence, type Rhythm } from './rhythm.ts';

const minutes = (count: number) => count * 60;
const rhythm: Rhythm[] = [
  { hour: 9, weekend: false, usualSeconds: minutes(10), days: 20 },
  { hour: 19, weekend: false, usualSeconds: minutes(12 * 60), days: 20 },
  { hour: 9, weekend: true, usualSeconds: minutes(600), days: 4 }
];
/** Times of Europe/Paris in November (UTC+1). */
const at = (day: number, time: string) => new Date(`2026-11-${day}T${time}:00+01:00`);

test('a silence is judged by those that began at the same hour: short by day, long in the evening', () => {
  expect(judgeSilence(rhythm, at(24, '09:30'), at(24, '09:42'))).toEqual({ kind: 'usual', usualMs: 600_000 });
  expect(judgeSilence(rhythm, at(24, '09:30'), at(24, '09:50'))).toMatchObject({ kind: 'unusual' });
  expect(judgeSilence(rhythm, at(23, '19:30'), at(24, '07:00'))).toMatchObject({ kind: 'usual' });
  expect(judgeSilence(rhythm, at(23, '19:30'), at(24, '14:00'))).toMatchObject({ kind: 'unusual' });
});

test('weekends have their own rhythm, and too few days of it say nothing', () => {
  expect(judgeSilence(rhythm, at(22, '09:30'), at(22, '23:00'))).toEqual({ kind: 'learning' });
  expect(judgeSilence([], at(24, '09:30'), at(24, '23:00'))).toEqual({ kind: 'learning' });
});
