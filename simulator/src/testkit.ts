import { readFileSync } from 'node:fs';
import { parseConfig, type Config } from '@vigie/schemas';
import { planDay } from './plan/day.ts';
import type { Happening, Planned } from './plan/event.ts';
import { World } from './plan/world.ts';
import { auditEvent } from './write/fhir.ts';
import { syslogMessage } from './write/syslog.ts';

/** The shipped vigie.yaml, or another. */
export const shippedConfig = (change: (text: string) => string = (text) => text): Config =>
  parseConfig(change(readFileSync(new URL('../../vigie.yaml', import.meta.url), 'utf8')), 'vigie.yaml');

export const shippedWorld = (seed = 7): World => new World(shippedConfig(), seed);

/** What goes over the wire for one happening, without framing. */
export function wire(one: Happening): string {
  switch (one.kind) {
    case 'audit':
      return one.by.kind === 'portal'
        ? JSON.stringify(auditEvent(one.message))
        : syslogMessage(one.by, one.message);
    case 'hl7':
    case 'web':
      return one.text;
    case 'otlp':
      return JSON.stringify(one.point);
    case 'json':
      return JSON.stringify({ feed: one.feed, ...one.record });
  }
}

export const made = (plan: readonly Planned[]): Happening[] => plan.map(({ make }) => make());

/** Everything of some days, played on a later one. */
export const happeningsOf = (world: World, days: readonly string[], today = '2026-12-24'): Happening[] =>
  days.flatMap((day) => made(planDay(world, day, today, { probes: true })));
