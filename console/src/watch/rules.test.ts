import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '@vigie/schemas';
import { Signal } from '@vigie/schemas/facts/signal';
import { changes, findings, judgedCodes, type Observation } from './rules.ts';

const config = parseConfig(
  readFileSync(new URL('../../../vigie.yaml', import.meta.url), 'utf8'),
  'vigie.yaml'
);
const now = Date.parse('2026-11-24T08:05:00Z');
const calm: Observation = {
  heard: new Map([['deepunity', now - 60_000]]),
  rhythms: new Map(),
  transferred: new Map(),
  probes: new Map([['deepunity', { checks: 5, successes: 5, failingSince: null }]]),
  availability: [
    {
      objective: 'pacs',
      state: 'kept',
      available: 99.99,
      target: 99.9,
      left_minutes: 40,
      left_share: 90,
      last_available: 99.9
    }
  ],
  pools: [
    {
      system: 'deepunity',
      pool: 'NL-1',
      used: 1,
      capacity: 2,
      used_share: 50,
      full_days: 400,
      state: 'growing'
    }
  ],
  quarantined: new Map([['deepunity', 3]]),
  evidence: { found: 0, foundSince: now, unverifiedSince: undefined, unpublishedSince: undefined }
};

test('a calm platform needs no look', () => {
  expect(findings(config, calm, now)).toEqual([]);
});

test('a source is silent only beyond the silence declared for it, and only once heard', () => {
  expect(
    findings(config, { ...calm, heard: new Map([['deepunity', now - 31 * 60_000]]) }, now)
  ).toMatchObject([{ code: 'source-silent', subject: 'deepunity' }]);
  expect(findings(config, { ...calm, heard: new Map() }, now)).toEqual([]);
});

test('a silence unusual at its hour is told below the silence declared, and without one; the declared one goes first', () => {
  // A Tuesday, nine o’clock in Paris: ten minutes at most, usually.
  const usual = { hour: 9, weekend: false, usualSeconds: 600, days: 20 };
  const rhythms = new Map(['deepunity', 'ia', 'simulator', 'stranger'].map((source) => [source, [usual]]));
  const told = (minutes: number, learned = rhythms) => {
    const since = now + 20 * 60_000 - minutes * 60_000;
    const heard = new Map([...rhythms.keys()].map((source) => [source, since]));
    return findings(config, { ...calm, heard, rhythms: learned }, now + 20 * 60_000)
      .map(({ code, subject, severity, params }) =>
        `${code} ${subject} ${severity} ${params['usual_ms'] ?? ''}`.trim()
      )
      .toSorted();
  };
  expect(told(17)).toEqual([]);
  // Deepunity may be silent for 30 minutes; what vigie.yaml does not name is listed on the page, and no alarm.
  expect(told(18)).toEqual([
    'source-unusual deepunity info 600000',
    'source-unusual ia info 600000',
    'source-unusual simulator info 600000'
  ]);
  expect(told(18, new Map([['ia', [{ ...usual, days: 4 }]]]))).toEqual([]);
  expect(told(18, new Map([['ia', [{ ...usual, weekend: true }]]]))).toEqual([]);
});

test('a modality is silent only when its site is open: a night and a Sunday do not count', () => {
  const watched = {
    ...config,
    systems: config.systems.map((one) => (one.id === 'gham-ct-1' ? { ...one, silence_minutes: 120 } : one))
  };
  // Saturday 12:00 in Paris; the site closes at 12:30 and opens on Monday at 7:30.
  const transferred = new Map([['gham-ct-1', Date.parse('2026-11-21T11:00:00Z')]]);
  const at = (time: string) =>
    findings(watched, { ...calm, heard: new Map(), transferred }, Date.parse(time));
  expect(at('2026-11-23T07:30:00Z')).toEqual([]);
  expect(at('2026-11-23T08:01:00Z')).toMatchObject([{ code: 'modality-silent', subject: 'gham-ct-1' }]);
});

test('one failed check is not an outage, two without success are', () => {
  const probes = (checks: number) =>
    new Map([['ris', { checks, successes: 0, failingSince: now - 120_000 }]]);
  expect(findings(config, { ...calm, probes: probes(1) }, now)).toEqual([]);
  expect(findings(config, { ...calm, probes: probes(2) }, now)).toMatchObject([
    { code: 'service-down', severity: 'critical', subject: 'ris', params: { since: now - 120_000 } }
  ]);
});

test('an objective is told when at risk and when missed, never when unknown', () => {
  const [one] = calm.availability;
  if (!one) throw new Error('no objective');
  const told = (state: 'lost' | 'tight' | 'unknown', available: number | null) =>
    findings(config, { ...calm, availability: [{ ...one, state, available, left_share: 20 }] }, now).map(
      ({ code }) => code
    );
  expect([told('lost', 99), told('tight', 99.92), told('unknown', null)]).toEqual([
    ['objective-missed'],
    ['objective-at-risk'],
    []
  ]);
});

test('a pool is told 60 days before it is full, gravely at 14', () => {
  const [pool] = calm.pools;
  if (!pool) throw new Error('no pool');
  const at = (full_days: number) =>
    findings(config, { ...calm, pools: [{ ...pool, full_days }] }, now)[0]?.severity;
  expect([at(61), at(41), at(13)]).toEqual([undefined, 'warning', 'critical']);
});

test('what is wrong with the evidence is told, each on its own', () => {
  const evidence = { found: 2, foundSince: now - 1, unverifiedSince: now - 2, unpublishedSince: now - 3 };
  expect(
    findings(config, { ...calm, evidence }, now).map(({ code, severity, params }) => [code, severity, params])
  ).toEqual([
    ['evidence-altered', 'critical', { count: 2, since: now - 1 }],
    ['evidence-unverified', 'warning', { since: now - 2 }],
    ['head-unpublished', 'warning', { since: now - 3 }]
  ]);
});

test('a figure that moved is told again, so that the sentence says what the report says', () => {
  const missed = (available: number) =>
    findings(
      config,
      {
        ...calm,
        availability: calm.availability.map((one) => ({ ...one, state: 'lost' as const, available }))
      },
      now
    );
  const before = missed(99.19);
  expect(changes(before, missed(99.1904), judgedCodes, new Date(now))).toEqual([]);
  expect(changes(before, missed(99.06), judgedCodes, new Date(now))).toMatchObject([
    { code: 'objective-missed', state: 'opened', params: { measured: 99.06 } }
  ]);
});

test('a state is written when it opens, changes or ends, and not again meanwhile', () => {
  const found = findings(config, { ...calm, quarantined: new Map([['vna', 40]]) }, now);
  const opened = changes([], found, judgedCodes, new Date(now));
  expect(opened).toMatchObject([{ code: 'quarantine-rising', state: 'opened', subject: 'vna' }]);
  expect(changes(opened, found, judgedCodes, new Date(now))).toEqual([]);
  const stored = opened.map((one) => ({ ...one, site: '', since: new Date(now) }));
  const closed = changes(stored, [], judgedCodes, new Date(now));
  expect(closed).toMatchObject([{ state: 'closed', subject: 'vna' }]);
  expect(closed.map((one) => Signal.safeParse(one).success)).toEqual([true]);
  expect(
    changes(
      [{ code: 'simulation', severity: 'info', subject: 'x', params: {} }],
      [],
      judgedCodes,
      new Date(now)
    )
  ).toEqual([]);
});
