import type { System } from '@vigie/schemas';
import { mixes } from '../group/mix.ts';
import { Random } from '../random.ts';
import { isOpen, openMinutes, type Opening } from './opening.ts';
import { clock, weekday } from './paris.ts';
import type { Place, World } from './world.ts';

/** One exam's place in the day of a room. */
export interface Slot {
  readonly room: System;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Taken on duty, outside opening hours. */
  readonly duty: boolean;
}

const usualDay = 690;
const minute = 60_000;

/**
 * A site's day: planned exams spread over the opening hours, fewer at lunch; on duty, at the largest site alone, whatever the
 * night brings, in the first room of each modality. A room holds one exam at a time.
 */
export function timetable(world: World, place: Place, day: string): readonly Slot[] {
  const opening = world.opening(place, day);
  const random = new Random(world.seed, 'timetable', day, place.site.id);
  return place.rooms.flatMap((room, i) => {
    const mix = mixes[room.modality ?? ''];
    if (!mix) return [];
    const firstOfItsKind = place.rooms.findIndex((one) => one.modality === room.modality) === i;
    const season = (0.88 + 0.24 * random.next()) * (weekday(day) === 1 ? 1.08 : 1) * rampUp(place, day);
    const planned = fraction((mix.perRoom * place.share * season * openMinutes(opening)) / usualDay, random);
    const starts = [
      ...Array.from({ length: planned }, () => ({ at: inOpening(opening, random), duty: false })),
      ...(place === world.main && firstOfItsKind
        ? onDuty(opening, mix.perDutyHour, random).map((at) => ({ at, duty: true }))
        : [])
    ].sort((a, b) => a.at - b.at);
    let free = 0;
    return starts.flatMap(({ at, duty }): Slot[] => {
      const length = Math.max(2, random.around(mix.minutes, 0.25));
      const begins = Math.max(at, free);
      // The department has closed meanwhile: the exam is not done.
      if (!duty && !isOpen(opening, begins)) return [];
      free = begins + length + random.whole(1, 3);
      const startedAt = clock(day, begins);
      return [
        {
          room,
          startedAt,
          endedAt: startedAt + Math.round(length * minute),
          duty: duty || !isOpen(opening, begins)
        }
      ];
    });
  });
}

/** A new site starts with few exams, and has all of them after two weeks. */
function rampUp({ site }: Place, day: string): number {
  if (site.live_on === undefined) return 1;
  const days = (Date.parse(day) - Date.parse(site.live_on)) / 86_400_000;
  return Math.min(1, 0.35 + days * 0.05);
}

const fraction = (expected: number, random: Random) =>
  Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);

/** A minute within the opening hours; two in three of those around lunch are moved. */
function inOpening(opening: Opening, random: Random): number {
  const draw = () => {
    let left = random.next() * openMinutes(opening);
    for (const [from, to] of opening) {
      if (left < to - from) return from + left;
      left -= to - from;
    }
    return opening[0]?.[0] ?? 0;
  };
  const first = draw();
  return first > 735 && first < 795 && random.chance(0.66) ? draw() : first;
}

/** Minutes at which emergencies come while the department is closed: a third as many from 22:00 to 07:00. */
function onDuty(opening: Opening, perHour: number, random: Random): number[] {
  return Array.from({ length: 24 }, (_, hour) => hour).flatMap((hour) => {
    const expected = perHour * (hour >= 22 || hour < 7 ? 0.35 : 1);
    return Array.from({ length: fraction(expected, random) }, () => hour * 60 + random.next() * 60).filter(
      (at) => !isOpen(opening, at)
    );
  });
}
