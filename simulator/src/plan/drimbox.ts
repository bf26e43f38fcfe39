import { Random } from '../random.ts';
import type { Tell } from './event.ts';
import { clock } from './paris.ts';
import { json } from './storage.ts';
import type { Place, World } from './world.ts';

/** Ends of the parts of a day that are counted, and the share of its exchanges in each. */
const parts = [
  { from: 8, to: 12, share: 0.5 },
  { from: 12, to: 16, share: 0.35 },
  { from: 16, to: 20, share: 0.15 }
] as const;
/** Exchanges on an open day of the largest site. */
const consulted = 9;
const served = 14;
const failing = 0.04;
const hourSeconds = 3600;

/**
 * A DRIMbox tells by JSON, when each part of the day is over, how many image sets of elsewhere it showed and how many of ours it gave
 * out; and in the evening the day's calls, as an operator maps them by hand from its ModelStat file: Nombre_Appel by Statut_Appel.
 */
export function tellDrimbox(world: World, place: Place, day: string, tell: Tell): void {
  const { gateway } = world.platform;
  if (!gateway) return;
  const random = new Random(world.seed, 'drimbox', day, place.site.id);
  const share = place.share * (world.opening(place, day).length > 0 ? 1 : 0.15);
  const calls = { success: 0, failure: 0 };
  const use = (kind: string, outcome: 'success' | 'failure', count: number, from: number, to: number) => {
    if (count === 0) return;
    const at = clock(day, to * 60);
    const record = {
      occurred_at: new Date(clock(day, from * 60)).toISOString(),
      system: gateway.system,
      kind,
      outcome,
      site: place.site.id,
      count,
      period_seconds: (to - from) * hourSeconds
    };
    tell(at, () => json('usage', at, record));
  };
  for (const { from, to, share: part } of parts)
    for (const [kind, usual] of [
      ['drimbox-consultation', consulted],
      ['drimbox-source', served]
    ] as const) {
      const all = Math.round(usual * share * part * (0.6 + random.next() * 0.8));
      const failed = Array.from({ length: all }, () => random.chance(failing)).filter(Boolean).length;
      use(kind, 'success', all - failed, from, to);
      use(kind, 'failure', failed, from, to);
      calls.success += all - failed;
      calls.failure += failed;
    }
  use('drimbox-call', 'success', calls.success, 0, 21);
  use('drimbox-call', 'failure', calls.failure, 0, 21);
}
