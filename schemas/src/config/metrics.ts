import { z } from 'zod';
import { tiers } from '../facts/storage.ts';
import { transferServices } from '../facts/transfer.ts';
import { usageKinds } from '../facts/usage.ts';
import { Id } from './primitives.ts';

const Name = z.string().min(1).max(255);
/** Attributes that a point, its scope or its resource must have, by name and value as text. */
const When = z.record(Name, z.string().max(255)).default({});

/** Points of one metric: by name, and by the attributes they must have. */
const Select = z.strictObject({ metric: Name, when: When });

const rule = { id: Id, system: Id };
const Milliseconds = z.enum(['ms', 's']);

/**
 * How points of metrics (OTLP, or a Prometheus scrape) become facts. What ends in `_from` names the attribute that tells it;
 * a site is known by its id, name or alias.
 */
export const MetricRule = z.discriminatedUnion('fact', [
  /** State of a pool: gauges, or sums that go up and down, in bytes. Matching points are added. */
  z.strictObject({
    ...rule,
    fact: z.literal('storage'),
    pool: z.string().min(1).max(64),
    tier: z.enum(tiers),
    used: Select,
    capacity: Select.optional()
  }),
  /** A check of another monitor: above zero is success. */
  z.strictObject({
    ...rule,
    fact: z.literal('probe'),
    probe: Id,
    up: Select,
    latency: Select.extend({ unit: Milliseconds.default('s') }).optional()
  }),
  /** Instances moved over an interval, by caller and called: sums told as differences. */
  z.strictObject({
    ...rule,
    fact: z.literal('transfers'),
    service: z.enum(transferServices).default('C-STORE'),
    instances: Select,
    bytes: Select.optional(),
    failures: Select.optional(),
    calling_ae: z.string().max(64).optional(),
    calling_ae_from: Name.optional(),
    called_ae: z.string().max(64).optional(),
    called_ae_from: Name.optional(),
    modality_from: Name.optional(),
    site_from: Name.optional()
  }),
  /** Uses counted over an interval: sums told as differences, or histograms, whose values are their durations. */
  z.strictObject({
    ...rule,
    fact: z.literal('usage'),
    kind: z.enum(usageKinds),
    count: Select.extend({ unit: Milliseconds.default('s') }),
    outcome: z.enum(['success', 'failure']).optional(),
    label: Id.optional(),
    label_from: Name.optional(),
    modality_from: Name.optional(),
    site_from: Name.optional()
  }),
  /** A state that a system tells of itself: gauges, or sums that go up and down. Points of one label are added. */
  z.strictObject({
    ...rule,
    fact: z.literal('gauge'),
    gauge: Id,
    value: Select.extend({
      unit: z.enum(['count', 'bytes', 's', 'ms', 'ratio', 'percent']).default('count')
    }),
    label_from: Name.optional(),
    site_from: Name.optional()
  })
]);
export type MetricRule = z.infer<typeof MetricRule>;
