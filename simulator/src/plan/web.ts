import type { Random } from '../random.ts';
import { accessLog } from '../write/access-log.ts';
import type { Study } from './audit-parts.ts';
import type { Tell } from './event.ts';
import { addDays, dayOf } from './paris.ts';
import type { World } from './world.ts';

/** Days for which the web server's log has been connected: its lines are many, and the history stays light. */
const connectedDays = 7;
const bytesPerImage = 520_000;

/**
 * A study is opened in the web viewer: its series are searched, their description read, the first image drawn, then the rest of the
 * series comes in one answer. Few openings show nothing.
 * @param client address of the workstation
 */
export function tellOpening(
  world: World,
  study: Study & { readonly bytes?: number },
  at: number,
  client: string,
  today: string,
  random: Random,
  tell: Tell
): void {
  const { viewer } = world.platform;
  const draws = [
    random.around(60, 0.4),
    random.around(180, 0.5),
    random.around(650, 0.6),
    random.next()
  ] as const;
  if (dayOf(at) < addDays(today, -connectedDays) || world.outage(viewer.system, at)?.kind === 'down') return;
  const [searched, described, drawn, luck] = draws;
  const slow = world.outage(viewer.system, at) === undefined ? 1 : 5;
  const base = `/dicom-web/studies/${study.study}`;
  const image = study.images > 0 ? bytesPerImage : 0;
  const failing = luck < 0.006 ? 503 : luck < 0.012 ? 404 : 200;
  let clock = at - 1500;
  const ask = (uri: string, ms: number, bytes: number, status = 200) => {
    clock += Math.round(ms * slow) + 20;
    const one = {
      at: clock,
      client,
      uri,
      status,
      bytes: status === 200 ? bytes : 240,
      ms: Math.round(ms * slow)
    };
    tell(one.at, () => ({ at: one.at, kind: 'web', text: accessLog(viewer.host, one) }));
  };
  ask(`${base}/series`, searched, 2400);
  ask(`${base}/series/${study.study}.1/metadata`, described, 900 * study.images);
  ask(`${base}/series/${study.study}.1/instances/${study.study}.1.1/frames/1`, drawn, image, failing);
  if (failing !== 200) return;
  const rest = Math.max(0, (study.bytes ?? study.images * bytesPerImage) - image);
  ask(`${base}/series/${study.study}.1`, 300 + rest / 60_000, rest);
}
