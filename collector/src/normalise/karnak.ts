import { Modality } from '@vigie/schemas/facts/record';
import type { KarnakRow } from '../decode/karnak.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { label, originAt } from './origin.ts';
import { uidOf } from './told-values.ts';
import { ends } from './transfer.ts';
import { toEpoch } from './zone.ts';

/** A series that was heard of this lately may still be moving: its counts would be told again, greater. */
const restMs = 900_000;
const maxUInt32 = 4_294_967_295;

/** Why a gateway did not send, by what its text speaks of: the text itself may quote anything. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/time.?out|timed out/i, 'timeout'],
  [/refused/i, 'refused'],
  [/reject/i, 'rejected'],
  [/abort/i, 'aborted'],
  [/sop class|presentation context|transfer syntax/i, 'sop-class-not-supported'],
  [/out of resource|quota|no space/i, 'out-of-resources'],
  [/unreachable|unknown host|no route|reset|closed/i, 'network']
];

/**
 * One series that Karnak passed on → one reconstructed transfer: `instances` is what was sent, `failures` what was not.
 * @throws {Undecodable} unsupported-message while the series is still moving
 */
export function normaliseKarnak(
  row: KarnakRow,
  source: string,
  receivedAt: number,
  directory: Directory
): { origin: Origin; facts: Fact[] } {
  const zone = directory.zoneOf(source);
  const [first, last] = [toEpoch(row['First Seen'], zone), toEpoch(row['Last Seen'], zone)];
  if (last < first) throw new Undecodable('bad-value', 'column "Last Seen" must not lie before "First Seen"');
  if (receivedAt - last < restMs)
    throw new Undecodable(
      'unsupported-message',
      'column "Last Seen" is less than 15 minutes ago: the series may still be moving; send it again later'
    );
  const byWeb = row['Destination url'] !== '';
  const called = row['Destination aeTitle'] || hostOf(row['Destination url']) || row['Destination hostname'];
  const { from, to, authoritative } = ends(row['Forward aeTitle'], called, source, directory);
  const site = from?.site ?? to?.site ?? directory.systemById(source)?.site ?? '';
  const origin = originAt(source, site, directory);
  const { Sent: sent, Errors: errors, Excluded: excluded } = row;
  const classes = row['Sop Class Uids'].split(/[\s,;\\]+/).filter((uid) => uid !== '');
  const fact: Fact = {
    table: 'ops.transfer',
    row: {
      site,
      establishment: origin.establishment,
      occurred_at: first,
      observer: source,
      authoritative,
      grain: 'reconstructed',
      service: byWeb ? 'STOW' : 'C-STORE',
      calling_ae: label(row['Forward aeTitle']),
      called_ae: label(called),
      from_system: from?.id ?? '',
      to_system: to?.id ?? '',
      peer: label(row['Destination hostname']),
      modality: Modality.safeParse(row.Modality).success ? row.Modality : '',
      sop_class: classes.length === 1 ? uidOf(classes[0] ?? '') : '',
      study: uidOf(row['Study Uid Original']),
      instances: sent,
      failures: errors,
      bytes: null,
      duration_ms: Math.min(last - first, maxUInt32),
      status:
        errors === 0 && (sent > 0 || excluded === 0)
          ? 'success'
          : sent > 0 || errors === 0
            ? 'warning'
            : 'failure',
      status_code: '',
      reason:
        errors > 0
          ? (reasons.find(([words]) => words.test(row.Reasons))?.[1] ?? 'error')
          : sent === 0 && excluded > 0
            ? 'excluded'
            : ''
    }
  };
  return { origin, facts: [fact] };
}

const hostOf = (url: string) => /^https?:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1] ?? '';
