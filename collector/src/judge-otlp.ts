import { readMetrics } from './decode/otlp/read.ts';
import { Undecodable } from './decode/undecodable.ts';
import type { Directory } from './normalise/directory.ts';
import { mapPoints } from './normalise/metrics/map-points.ts';
import { originAt } from './normalise/origin.ts';
import type { Reception } from './reception.ts';
import type { Findings, Trace } from './verdict.ts';

/**
 * One export request of metrics → the facts that the rules of vigie.yaml make of its points. `points-refused` where a rule names a
 * point and cannot use it: the sender of a push is told which, and a scrape has nobody to tell.
 * @throws {Undecodable} unsupported-message when no point became a fact, with why
 */
export function judgeOtlp(
  { raw, format, source, receivedAt }: Reception,
  directory: Directory,
  trace: Trace
): Findings {
  const { points, repairs } = readMetrics(raw, format === 'otlp-json' ? 'json' : 'protobuf');
  const { facts, refused } = mapPoints(points, { source, receivedAt }, directory);
  const [first] = facts;
  if (first === undefined)
    throw new Undecodable(
      'unsupported-message',
      [...refused.keys()][0] ?? 'no rule under metrics in vigie.yaml makes a fact of these points'
    );
  const system =
    'observer' in first.row ? first.row.observer : 'system' in first.row ? first.row.system : source;
  trace.source = source === '' ? system : source;
  const site = directory.systemById(trace.source)?.site ?? '';
  return {
    origin: originAt(trace.source, site, directory),
    canonical: raw,
    facts,
    identities: [],
    repairs: refused.size > 0 ? [...repairs, 'points-refused'] : repairs
  };
}
