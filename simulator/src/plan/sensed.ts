import type { Speaker } from '../group/platform.ts';
import { mixes } from '../group/mix.ts';
import { Random } from '../random.ts';
import type { Attempt } from './attempts.ts';
import type { Tell } from './event.ts';
import type { Exam } from './exam.ts';
import { json } from './storage.ts';
import type { World } from './world.ts';

/** Associations that the mirrored port did not show. */
const unseen = 0.004;

/** An address of the largest site for an AE title: the same each time. */
function addressOf(world: World, ae: string): string {
  const network = world.main.site.networks[0]?.split('.').slice(0, 2).join('.') ?? '10.99';
  return `${network}.7.${new Random(world.seed, 'address', ae).whole(10, 240)}`;
}

/**
 * The network sensor at the largest site's switch tells each try to send a study to the PACS as it sees it: addresses and
 * objects, no study and no site. What nobody answers never becomes an association it could see.
 */
export function tellSensed(
  world: World,
  exam: Exam,
  { at, status, reason, code }: Attempt,
  moved: { readonly images: number; readonly bytes: number; readonly durationMs: number },
  to: Speaker,
  tell: Tell
): void {
  const { sensor } = world.platform;
  if (!sensor || exam.place !== world.main || reason === 'no-response') return;
  if (new Random(world.seed, 'sensed', exam.accession, at).chance(unseen)) return;
  const tellAs = () =>
    json('transfers', at, {
      observer: sensor.system,
      service: 'C-STORE',
      calling_ae: exam.callingAe,
      called_ae: to.ae,
      peer: addressOf(world, exam.callingAe),
      sop_class: mixes[exam.modality]?.sopClass,
      ...(status !== 'rejected' && {
        instances: moved.images,
        failures: exam.images - moved.images,
        bytes: moved.bytes
      }),
      duration_ms: moved.durationMs + 40,
      status,
      ...(status === 'aborted' ? { reason: 'connection-lost' } : reason !== undefined && { reason }),
      ...(code !== undefined && { status_code: code })
    });
  tell(at, tellAs, moved.bytes);
}

/** A node that the PACS refuses, as the network shows it: it is in nobody's log but as a security alert. */
export function tellStranger(world: World, at: number, stranger: string, address: string, tell: Tell): void {
  const { sensor, pacs } = world.platform;
  if (!sensor) return;
  const tellAs = () =>
    json('transfers', at, {
      observer: sensor.system,
      service: 'C-FIND',
      calling_ae: stranger,
      called_ae: pacs.ae,
      // Some come from a network that nobody declared.
      peer: at % 2 === 0 ? address : `192.168.57.${10 + (at % 90)}`,
      duration_ms: 2,
      status: 'rejected',
      status_code: '1/1/3',
      reason: 'calling-ae-not-recognized'
    });
  tell(at, tellAs, 600);
}

/** An association that the network sensor told. */
export interface Sensed {
  readonly at: number;
  readonly bytes: number;
}

const hourMs = 3_600_000;

/** What the sensor counted of each hour of a day: what it told, and the little that a mirrored port loses when it is busy. */
export function tellCounts(
  world: World,
  { begin, end }: { readonly begin: number; readonly end: number },
  sensed: readonly Sensed[],
  tell: Tell
): void {
  const { sensor } = world.platform;
  if (!sensor) return;
  for (let from = begin; from < end; from += hourMs) {
    const random = new Random(world.seed, 'counts', from);
    const mine = sensed.filter(({ at }) => at >= from && at < from + hourMs);
    const objects = mine.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytes = Math.round(objects * 1.04) + mine.length * 4000;
    const packets = Math.round(bytes / 1100) + mine.length * 30 + random.whole(200, 900);
    const busy = bytes > 5e9;
    const counts = {
      packets,
      bytes: bytes + packets * 60,
      associations: mine.length,
      'dataset-bytes': objects,
      'connections-not-dicom': random.whole(0, 3),
      'segments-retransmitted': Math.round(packets / random.whole(9000, 20_000)),
      'dropped-by-capture': busy ? random.whole(5, 90) : 0,
      gaps: busy ? random.whole(0, 4) : 0,
      'associations-incomplete': busy && random.chance(0.3) ? 1 : 0
    };
    const at = from + hourMs - 1000;
    for (const [label, count] of Object.entries(counts))
      if (count > 0)
        tell(at, () =>
          json('usage', at, {
            occurred_at: new Date(from).toISOString(),
            system: sensor.system,
            kind: 'sensor-count',
            label,
            count,
            period_seconds: 3600
          })
        );
  }
}
