import { Random } from '../random.ts';
import { addDays, clock, dayOf, midnight, weekday } from './paris.ts';

export interface Outage {
  readonly system: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'down' | 'slow';
}

const watched = ['deepunity', 'vna', 'ris', 'viewer', 'emage', 'pulsy'];

/**
 * Outages of one day: short blips now and then, a long night of the PACS on the second Tuesday of each month that has an even
 * number, and a portal that falls short of its objective in odd ones. Deterministic by seed and day.
 */
export function outagesOf(seed: number, day: string): Outage[] {
  const outages: Outage[] = [];
  const dayOfMonth = Number(day.slice(8));
  const month = Number(day.slice(5, 7));
  for (const system of watched) {
    const random = new Random(seed, 'outage', day, system);
    if (random.chance(0.025)) {
      const from = clock(day, random.whole(60, 1300));
      outages.push({ system, from, to: from + random.whole(5, 14) * 60_000, kind: 'down' });
    }
    if (random.chance(0.04)) {
      const from = clock(day, random.whole(480, 1080));
      outages.push({ system, from, to: from + random.whole(10, 40) * 60_000, kind: 'slow' });
    }
  }
  if (month % 2 === 0 && weekday(day) === 2 && dayOfMonth > 7 && dayOfMonth <= 14)
    outages.push({ system: 'deepunity', from: clock(day, 180), to: clock(day, 310), kind: 'down' });
  if (month % 2 === 1 && [3, 9, 17].includes(dayOfMonth))
    outages.push({
      system: 'emage',
      from: clock(day, 1080),
      to: clock(day, 1080 + 95 + dayOfMonth),
      kind: 'down'
    });
  return outages;
}

/** State of a system at a moment. */
export function stateAt(seed: number, system: string, at: number): 'up' | 'down' | 'slow' {
  const day = dayOf(at);
  const found = [...outagesOf(seed, addDays(day, -1)), ...outagesOf(seed, day)].filter(
    (one) => one.system === system && one.from <= at && at < one.to
  );
  if (found.some(({ kind }) => kind === 'down')) return 'down';
  return found.length > 0 ? 'slow' : 'up';
}

/** A modality that fell silent this morning: the first MR of the largest site that has two. */
export function isSilent(seed: number, station: string, at: number, today: string): boolean {
  return (
    station === 'troyes-mr-2' &&
    dayOf(at) === today &&
    at >= midnight(today) + new Random(seed, 'silent', today).whole(8, 10) * 3_600_000
  );
}
