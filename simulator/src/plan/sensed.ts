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
  tell(at, () =>
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
    })
  );
}

/** A node that the PACS refuses, as the network shows it: it is in nobody's log but as a security alert. */
export function tellStranger(world: World, at: number, stranger: string, address: string, tell: Tell): void {
  const { sensor, pacs } = world.platform;
  if (!sensor) return;
  tell(at, () =>
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
    })
  );
}
