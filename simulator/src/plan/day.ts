import { technicalQuery } from './audits.ts';
import { tellCuriosity } from './curiosity.ts';
import { tellDrimbox } from './drimbox.ts';
import type { Happening, Planned, Tell } from './event.ts';
import { examsOf } from './exam.ts';
import { addDays, midnight } from './paris.ts';
import { tellProbes } from './probes.ts';
import { tellPlatform, tellSite } from './routine.ts';
import { tellCounts, type Sensed } from './sensed.ts';
import { tellEviction, tellStorage } from './storage.ts';
import { lastLook, tellExam } from './story.ts';
import type { World } from './world.ts';

/** Days around one whose exams may still be told on it: orders are up to six days ahead, late looks a few days behind. */
const daysBehind = 8;
const daysAhead = 6;

/**
 * Everything that happens on one day of Europe/Paris, in order of time. Pure: the same world and day give the same list.
 * @param today the day on which the simulation runs: what is wrong "today" depends on it
 * @param options.probes whether checks are told too; in live mode the collector makes them itself
 */
export function planDay(
  world: World,
  day: string,
  today: string,
  options: { readonly probes: boolean }
): readonly Planned[] {
  const begin = midnight(day);
  const end = midnight(addDays(day, 1));
  const list: Planned[] = [];
  const sensed: Sensed[] = [];
  const tell: Tell = (at, make, bytes) => {
    if (at < begin || at >= end) return;
    list.push({ at, make });
    if (bytes !== undefined) sensed.push({ at, bytes });
  };
  for (let offset = -daysBehind; offset <= daysAhead; offset++)
    for (const exam of examsOf(world, addDays(day, offset)))
      if (exam.orderedAt < end && lastLook(exam) >= begin) tellExam(world, exam, today, tell);
  for (const place of world.places)
    if (world.isLive(place, day)) {
      tellSite(world, place, day, tell);
      tellDrimbox(world, place, day, tell);
    }
  tellPlatform(world, day, tell);
  tellCuriosity(world, day, tell);
  tellEviction(world, day, tell);
  tellStorage(world, day, tell);
  tellCounts(world, { begin, end }, sensed, tell);
  if (options.probes) tellProbes(world, day, tell);
  return list.sort((a, b) => a.at - b.at);
}

/** A sign of life when nothing else happens: the VNA asks the PACS. */
export function signOfLife(world: World, at: number): Happening {
  const { vna, pacs, ris } = world.platform;
  return technicalQuery(at, vna ?? ris, pacs);
}
