import { patientOf, somePatient } from '../group/patients.ts';
import { Random } from '../random.ts';
import type { Scene } from './audit-parts.ts';
import * as audits from './audits.ts';
import type { Tell } from './event.ts';
import { oldStudy } from './old-study.ts';
import { clock } from './paris.ts';
import type { Place, World } from './world.ts';

const second = 1000;
const famousOn = 12;

/** What an audit is there to find: looks that no care explains, and accounts that someone tries. */
export function tellCuriosity(world: World, day: string, tell: Tell): void {
  const random = new Random(world.seed, 'curiosity', day);
  const open = world.places.filter(
    (place) => world.isLive(place, day) && world.opening(place, day).length > 0
  );
  if (open.length === 0) return;
  if (random.chance(0.55)) tellColleague(world, random.pick(open), day, random, tell);
  if (random.chance(0.14)) tellGuessing(world, random.pick(open), day, random, tell);
  if (Number(day.slice(8)) === famousOn) tellFame(world, open, day, tell);
}

const sceneOf = (world: World, place: Place): Scene => ({
  facility: place.facility,
  authority: world.platform.patientAuthority
});

/** A secretary or a radiographer looks a colleague up by name. */
function tellColleague(world: World, place: Place, day: string, random: Random, tell: Tell): void {
  const { viewer } = world.platform;
  const scene = sceneOf(world, place);
  const who = world.person(place.site.id, random.chance(0.6) ? 'secrétaire' : 'manipulateur', random);
  const colleague = random.pick(world.staff(place.site.id).filter((one) => one !== who));
  const study = oldStudy({ patient: patientOf(world.seed, colleague) }, random);
  const at = world.whenUp(viewer.system, clock(day, random.whole(8 * 60, 18 * 60)) + 30 * second);
  tell(at - 21 * second, () =>
    audits.searched(study.patient, at - 21 * second, viewer, who, scene, 'PatientName')
  );
  tell(at, () => audits.accessed(study, at, viewer, who, scene));
}

/** Six wrong passwords, a locked account, and the right one half an hour later. */
function tellGuessing(world: World, place: Place, day: string, random: Random, tell: Tell): void {
  const { viewer } = world.platform;
  const scene = sceneOf(world, place);
  const who = random.pick(world.staff(place.site.id));
  const first = clock(day, random.whole(7 * 60, 20 * 60));
  for (let i = 0; i < 6; i++) {
    const at = first + i * 19 * second;
    tell(at, () => audits.authentication(who, at, viewer, 'wrong', scene));
  }
  const locked = first + 130 * second;
  tell(locked, () => audits.authentication(who, locked, viewer, 'locked', scene));
  const later = first + 1900 * second;
  tell(later, () => audits.authentication(who, later, viewer, 'in', scene));
}

/** Once a month someone known comes: many who have no part in the care look. */
function tellFame(world: World, places: readonly Place[], day: string, tell: Tell): void {
  const random = new Random(world.seed, 'fame', day);
  const { viewer } = world.platform;
  const study = oldStudy({ patient: somePatient(world.seed, random) }, random);
  for (let i = 0; i < 9; i++) {
    const place = random.pick(places);
    const who = random.pick(world.staff(place.site.id));
    const at = world.whenUp(viewer.system, clock(day, random.whole(9 * 60, 19 * 60)) + 30 * second);
    tell(at, () => audits.accessed(study, at, viewer, who, sceneOf(world, place)));
  }
}
