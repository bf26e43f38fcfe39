import type { Config, SystemKind } from '@vigie/schemas';
import { Random } from '../random.ts';
import { clock, weekday } from './paris.ts';

export interface Outage {
  readonly system: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'down' | 'slow';
}

const minute = 60_000;

/**
 * Outages of the systems that are checked, of one day: short ones now and then; a night of the PACS on the second Tuesday of
 * even months, and three evenings of the portal in odd ones, each enough to miss its objective.
 */
export function outagesOf(
  { config, seed }: { readonly config: Config; readonly seed: number },
  day: string
): readonly Outage[] {
  const watched = [...new Set(config.probes.map((probe) => probe.system))];
  const ofKind = (kind: SystemKind) =>
    watched.filter((id) => config.systems.some((one) => one.id === id && one.kind === kind)).slice(0, 1);
  const [month, date] = [Number(day.slice(5, 7)), Number(day.slice(8))];
  const short = watched.flatMap((system): Outage[] => {
    const random = new Random(seed, 'outage', day, system);
    const down = {
      begins: random.whole(60, 1300),
      minutes: random.whole(5, 12),
      happens: random.chance(0.025)
    };
    const slow = {
      begins: random.whole(480, 1080),
      minutes: random.whole(10, 40),
      happens: random.chance(0.04)
    };
    return [
      ...(down.happens ? [outage(system, day, down.begins, down.minutes, 'down')] : []),
      ...(slow.happens ? [outage(system, day, slow.begins, slow.minutes, 'slow')] : [])
    ];
  });
  const night = month % 2 === 0 && weekday(day) === 2 && date > 7 && date <= 14;
  const evening = month % 2 === 1 && [3, 9, 17].includes(date);
  return [
    ...short,
    ...(night ? ofKind('pacs').map((system) => outage(system, day, 180, 130, 'down')) : []),
    ...(evening ? ofKind('portal').map((system) => outage(system, day, 1080, 95 + date, 'down')) : [])
  ];
}

function outage(system: string, day: string, begins: number, minutes: number, kind: 'down' | 'slow'): Outage {
  const from = clock(day, begins);
  return { system, from, to: from + minutes * minute, kind };
}
