import type { Point } from '../../decode/otlp/read.ts';
import type { Fact } from '../../verdict.ts';
import type { Directory } from '../directory.ts';
import { label } from '../origin.ts';
import { ends } from '../transfer.ts';
import type { Rule } from './rule.ts';
import { maxUInt32, modalityOf, placeOf, total } from './series.ts';

const totalOrNull = (points: readonly Point[] | undefined) => (points === undefined ? null : total(points));
const atMostUInt32 = (value: number | null | undefined) =>
  value === null || value === undefined ? null : Math.min(value, maxUInt32);

/** One row a pair of AE titles, modality and site. */
export function transfers(
  rule: Rule<'transfers'>,
  instances: readonly Point[],
  bytes: readonly Point[],
  failures: readonly Point[],
  directory: Directory
): Fact[] {
  const told = ({ attributes }: Point) => {
    const of = (fixed: string | undefined, from: string | undefined) =>
      label(fixed ?? (from === undefined ? '' : (attributes.get(from) ?? '')));
    const calling = of(rule.calling_ae, rule.calling_ae_from);
    const called = of(rule.called_ae, rule.called_ae_from);
    const between = ends(calling, called, rule.system, directory);
    const site = rule.site_from === undefined ? undefined : attributes.get(rule.site_from);
    const place = placeOf(between.from?.site === undefined ? rule.system : between.from.id, site, directory);
    return { calling, called, modality: modalityOf(attributes, rule.modality_from), between, place };
  };
  // By the site it is, whatever it was called: what was sent and what failed there are one exchange.
  const key = (point: Point) => {
    const { calling, called, modality, place } = told(point);
    return JSON.stringify([calling, called, modality, place.site]);
  };
  const sent = Map.groupBy(instances, key);
  const failed = Map.groupBy(failures, key);
  const weighed = Map.groupBy(bytes, key);
  // An interval in which all failed has failures alone, and no point of what was sent.
  return [...Map.groupBy([...instances, ...failures, ...bytes], key)].flatMap(([name, points]): Fact[] => {
    const [first] = points;
    const [moved, lost, size] = [sent, failed, weighed].map((of) => totalOrNull(of.get(name)));
    if (first === undefined || ![moved, lost, size].some((one) => (one ?? 0) > 0)) return [];
    const { calling, called, modality, place, between } = told(first);
    const { from, to, authoritative } = between;
    const row = {
      ...place,
      occurred_at: first.startedAt ?? first.at,
      observer: rule.system,
      authoritative,
      grain: 'reconstructed',
      service: rule.service,
      calling_ae: calling,
      called_ae: called,
      from_system: from?.id ?? '',
      to_system: to?.id ?? '',
      peer: '',
      modality: modality || (from?.modality ?? ''),
      sop_class: '',
      study: '',
      instances: atMostUInt32(moved),
      failures: atMostUInt32(lost),
      bytes: size ?? null,
      duration_ms: null,
      status: (lost ?? 0) === 0 ? 'success' : (moved ?? size ?? 0) === 0 ? 'failure' : 'warning',
      status_code: '',
      reason: ''
    };
    return [{ table: 'ops.transfer', row }];
  });
}
