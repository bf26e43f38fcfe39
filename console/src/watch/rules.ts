import type { Config, System } from '@vigie/schemas';
import type { Signal } from '@vigie/schemas/facts/signal';
import { judgeSilence, type Rhythm } from '../lib/rhythm.ts';
import { openings } from '../lib/server/board/calendar.ts';
import type { Availability, Pool } from '../lib/server/figures.ts';
import { sourceState } from '../lib/source-state.ts';
import type { EvidenceTrouble } from './verify/plan.ts';

/** What the watch looks at, gathered at one moment. */
export interface Observation {
  /** Last reception of each source, ms since 1970. */
  readonly heard: ReadonlyMap<string, number>;
  /** How long each source usually stays quiet, as the page of sources learns it. */
  readonly rhythms: ReadonlyMap<string, readonly Rhythm[]>;
  /** Last transfer of each modality as its observer saw it, ms since 1970. */
  readonly transferred: ReadonlyMap<string, number>;
  /** Checks of each system in the last five minutes, and the first failure since the last success, ms. */
  readonly probes: ReadonlyMap<
    string,
    { readonly checks: number; readonly successes: number; readonly failingSince: number | null }
  >;
  readonly availability: readonly Availability[];
  readonly pools: readonly Pool[];
  /** Messages not understood in the last hour, by source. */
  readonly quarantined: ReadonlyMap<string, number>;
  readonly evidence: EvidenceTrouble;
}

type Finding = Pick<Signal, 'code' | 'severity' | 'subject' | 'params'>;

/** Days to full below which a pool is told, and grave. */
const fullSoon = { warning: 60, critical: 14 };
/** Messages not understood in an hour that are worth a look. */
const quarantineLimit = 20;

/** What needs a look now. Pure: the same observation gives the same findings. */
export function findings(config: Config, seen: Observation, now: number): Finding[] {
  const found: Finding[] = [];
  for (const system of config.systems) {
    const isModality = system.kind === 'modality';
    const last = (isModality ? seen.transferred : seen.heard).get(system.id);
    const limit = (system.silence_minutes ?? Infinity) * 60_000;
    if (last !== undefined && silence(config, system, last, now) > limit)
      found.push({
        code: isModality ? 'modality-silent' : 'source-silent',
        severity: 'warning',
        subject: system.id,
        params: { since: last, limit_ms: limit }
      });
    const probe = seen.probes.get(system.id);
    if (probe && probe.checks >= 2 && probe.successes === 0)
      found.push({
        code: 'service-down',
        severity: 'critical',
        subject: system.id,
        params: { since: probe.failingSince ?? now }
      });
  }
  found.push(...unusual(config, seen, now));
  for (const one of seen.availability) {
    if (one.available === null) continue;
    if (one.state === 'lost')
      found.push({
        code: 'objective-missed',
        severity: 'critical',
        subject: one.objective,
        params: { measured: round(one.available), target: one.target }
      });
    else if (one.state === 'tight')
      found.push({
        code: 'objective-at-risk',
        severity: 'warning',
        subject: one.objective,
        params: { used: Math.round(100 - (one.left_share ?? 100)) }
      });
  }
  for (const pool of seen.pools) {
    if (pool.full_days === null || pool.full_days > fullSoon.warning) continue;
    const severity = pool.full_days < fullSoon.critical ? 'critical' : 'warning';
    found.push({
      code: 'storage-filling',
      severity,
      subject: pool.pool,
      params: { days: Math.floor(pool.full_days) }
    });
  }
  for (const [source, count] of seen.quarantined)
    if (count >= quarantineLimit)
      found.push({ code: 'quarantine-rising', severity: 'warning', subject: source, params: { count } });
  found.push(...ofEvidence(seen.evidence));
  return found;
}

/** Sources whose silence is unusual by their own rhythm: those, and no others, that the page of sources calls so. */
function unusual(config: Config, seen: Observation, now: number): Finding[] {
  const limits = new Map<string, number | undefined>(config.api_keys.map(({ id }) => [id, undefined]));
  for (const { id, silence_minutes: limit } of config.systems) limits.set(id, limit);
  return [...limits].flatMap(([source, silenceMinutes]): Finding[] => {
    const since = seen.heard.get(source);
    if (since === undefined) return [];
    const [lastAt, at] = [new Date(since), new Date(now)];
    const rhythm = judgeSilence(seen.rhythms.get(source) ?? [], lastAt, at);
    if (rhythm.kind !== 'unusual') return [];
    if (sourceState({ declared: true, lastAt, silenceMinutes, rhythm }, at) !== 'unusual') return [];
    const params = { since, usual_ms: rhythm.usualMs };
    return [{ code: 'source-unusual', severity: 'info', subject: source, params }];
  });
}

function ofEvidence({ found, foundSince, unverifiedSince, unpublishedSince }: EvidenceTrouble): Finding[] {
  const about = (code: Finding['code'], severity: Finding['severity'], params: Finding['params']) => ({
    code,
    severity,
    subject: 'evidence',
    params
  });
  return [
    ...(found > 0 ? [about('evidence-altered', 'critical', { count: found, since: foundSince })] : []),
    ...(unverifiedSince === undefined
      ? []
      : [about('evidence-unverified', 'warning', { since: unverifiedSince })]),
    ...(unpublishedSince === undefined
      ? []
      : [about('head-unpublished', 'warning', { since: unpublishedSince })])
  ];
}

/** Milliseconds of silence that count: those of the opening hours of the system's site, all where it has none. */
function silence(config: Config, system: System, last: number, now: number): number {
  const calendarId = config.sites.find((site) => site.id === system.site)?.calendar;
  const calendar = config.calendars.find((one) => one.id === calendarId);
  if (!calendar) return now - last;
  return openings(calendar, new Date(last), new Date(now), config.organisation.timezone).reduce(
    (sum, [opens, closes]) => sum + (closes - opens) * 1000,
    0
  );
}

const round = (value: number) => Math.round(value * 100) / 100;
const key = (one: { readonly code: string; readonly subject: string }) => `${one.code}|${one.subject}`;

/** A signal as it was last written. */
export type Standing = Pick<Signal, 'code' | 'severity' | 'subject' | 'params'>;

/**
 * What to write, given what stands: opened when a finding is new or graver, or its figures moved enough to matter;
 * closed when it is gone. Codes the watch does not judge are left alone.
 */
export function changes(
  standing: readonly Standing[],
  found: readonly Finding[],
  judged: ReadonlySet<string>,
  now: Date
): Signal[] {
  const before = new Map(standing.filter(({ code }) => judged.has(code)).map((one) => [key(one), one]));
  const after = new Map(found.map((one) => [key(one), one]));
  const occurred_at = now.toISOString();
  const signals: Signal[] = [];
  for (const [name, one] of after) {
    const old = before.get(name);
    if (!old || old.severity !== one.severity || moved(old.params, one.params))
      signals.push({ ...one, occurred_at, state: 'opened' });
  }
  // What stands was read from the store and carries more than a signal may say.
  for (const [name, { code, severity, subject, params }] of before)
    if (!after.has(name)) signals.push({ code, severity, subject, params, occurred_at, state: 'closed' });
  return signals;
}

/**
 * A figure that pages show elsewhere too changed as it is shown, so that the two never differ for long; a count moved by a
 * tenth, or a moment by a minute.
 */
function moved(old: Signal['params'], now: Signal['params']): boolean {
  return Object.entries(now).some(([name, value]) => {
    const before = old[name];
    if (typeof value !== 'number' || typeof before !== 'number') return before !== value;
    if (name === 'since') return Math.abs(value - before) > 60_000;
    return name === 'count' ? Math.abs(value - before) > Math.abs(before) / 10 : value !== before;
  });
}

export const judgedCodes: ReadonlySet<string> = new Set([
  'source-silent',
  'source-unusual',
  'modality-silent',
  'service-down',
  'objective-missed',
  'objective-at-risk',
  'storage-filling',
  'quarantine-rising',
  'evidence-altered',
  'evidence-unverified',
  'head-unpublished'
]);
