import { somePatient } from '../group/patients.ts';
import type { Speaker } from '../group/platform.ts';
import { Random } from '../random.ts';
import type { Scene } from './audit-parts.ts';
import * as audits from './audits.ts';
import type { Tell } from './event.ts';
import { clock } from './paris.ts';
import { tellStranger } from './sensed.ts';
import { json } from './storage.ts';
import type { Place, World } from './world.ts';

const minute = 60_000;
const second = 1000;
const queryEveryMinutes = 10;

/** A site's day beside its exams: sign-ins with a few wrong passwords, coding, a node that is refused. */
export function tellSite(world: World, place: Place, day: string, tell: Tell): void {
  const random = new Random(world.seed, 'routine', day, place.site.id);
  const { viewer, pacs, ris, patientAuthority: authority } = world.platform;
  const scene: Scene = { facility: place.facility, authority };
  const open = world.opening(place, day).length > 0;
  const present = open ? 0.5 : place === world.main ? 0.12 : 0;
  for (const who of world.staff(place.site.id)) {
    const here = random.chance(present);
    const at = world.whenUp(
      viewer.system,
      clock(day, random.whole(7 * 60, 14 * 60)) + random.whole(0, 59) * second
    );
    const until = at + random.whole(180, 500) * minute;
    const wrong = random.chance(0.05);
    if (!here || who.job === 'maintenance') continue;
    if (wrong)
      tell(at - 15 * second, () => audits.authentication(who, at - 15 * second, viewer, 'wrong', scene));
    tell(at, () => audits.authentication(who, at, viewer, 'in', scene));
    tell(until, () => audits.authentication(who, until, viewer, 'out', scene));
  }
  const refusedAt = clock(day, random.whole(0, 1430));
  const stranger = `POSTE${random.whole(10, 99)}`;
  const address = `${place.site.networks[0]?.split('.').slice(0, 2).join('.') ?? '10.99'}.0.${random.whole(2, 250)}`;
  if (random.chance(0.25)) {
    tell(refusedAt, () => audits.nodeRefused(refusedAt, pacs, stranger, address, scene));
    if (place === world.main) tellStranger(world, refusedAt, stranger, address, tell);
  }
  if (!open) return;
  const coder = world.person(place.site.id, 'dim', random);
  for (let i = random.whole(2, 7); i > 0; i--) {
    const at = clock(day, random.whole(9 * 60, 17 * 60)) + random.whole(0, 59) * second;
    const patient = somePatient(world.seed, random);
    tell(at, () => audits.recorded('patient', 'R', patient, at, ris, coder, scene));
  }
}

/** The platform's own life: systems that compare what they hold, restarts after an outage, work of a vendor. */
export function tellPlatform(world: World, day: string, tell: Tell): void {
  const { pacs, vna, ris, viewer, portal, archive } = world.platform;
  if (vna)
    for (let m = 3; m < 1440; m += queryEveryMinutes) {
      const at = clock(day, m) + (m % 40) * second;
      const answered = world.outage(pacs.system, at)?.kind !== 'down';
      if (answered) tell(at, () => audits.technicalQuery(at, vna, pacs));
      tell(at, () =>
        json('transfers', at, {
          observer: pacs.system,
          service: 'C-FIND',
          calling_ae: vna.ae,
          called_ae: pacs.ae,
          duration_ms: answered ? 8 + (m % 30) : 30_000,
          status: answered ? 'success' : 'failure',
          ...(!answered && { reason: 'no-response' })
        })
      );
    }
  const speakers: readonly (Speaker | undefined)[] = [pacs, vna, ris, viewer, portal, archive];
  for (const { system, kind, to } of world.outages(day)) {
    const speaker = speakers.find((one) => one?.system === system);
    if (kind === 'down' && speaker) tell(to, () => audits.started(to, speaker));
  }
  const random = new Random(world.seed, 'platform', day);
  const vendor = world.person(world.main.site.id, 'maintenance', random);
  const begins = clock(day, random.whole(20 * 60, 22 * 60));
  const ends = begins + random.whole(10, 80) * minute;
  if (!random.chance(0.15)) return;
  tell(begins, () => audits.remoteService(vendor, begins, pacs, 'begins'));
  tell(ends, () => audits.remoteService(vendor, ends, pacs, 'ends'));
}
