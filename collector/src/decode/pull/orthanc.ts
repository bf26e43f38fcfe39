import { gaugeUnits } from '@vigie/schemas/facts/gauge';
import { tiers } from '@vigie/schemas/facts/storage';
import { z } from 'zod';

const count = z.int().min(0);
const text = z.string().max(128);

/** Instances that one sender brought for one series, found in a range of Orthanc's changes. '' is what Orthanc does not tell. */
const Received = z.strictObject({
  kind: z.literal('received'),
  system: text,
  pool: text,
  tier: z.enum(tiers),
  /** Sequence numbers of the first and last change of the group. */
  first_change: count,
  last_change: count,
  /** Orthanc's id of the series. */
  series: text,
  /** ReceptionDate of the last instance, `YYYYMMDDTHHMMSS` on Orthanc's clock. */
  received_at: z.string().regex(/^\d{8}T\d{6}$/),
  /** Origin of the metadata: DicomProtocol, RestApi, Plugins … */
  origin: text,
  calling_ae: text,
  called_ae: text,
  peer: text,
  study: text,
  modality: text,
  sop_class: text,
  station: text,
  institution: text,
  instances: count,
  bytes: count
});
export type OrthancReceived = z.infer<typeof Received>;

/** What `/statistics` says at a time. */
const Statistics = z.strictObject({
  kind: z.literal('statistics'),
  system: text,
  pool: text,
  tier: z.enum(tiers),
  at: z.iso.datetime(),
  used_bytes: count,
  studies: count,
  instances: count
});
export type OrthancStatistics = z.infer<typeof Statistics>;

/** What Orthanc tells of itself at a time, by `/statistics` and `/tools/metrics-prometheus`. */
const Gauges = z.strictObject({
  kind: z.literal('gauges'),
  system: text,
  at: z.iso.datetime(),
  gauges: z
    .array(z.strictObject({ gauge: z.string().min(1).max(64), unit: z.enum(gaugeUnits), value: count }))
    .min(1)
    .max(128)
});
export type OrthancGauges = z.infer<typeof Gauges>;

/** One finished job that sent images on: a C-STORE of ours to a modality, or a C-MOVE that became one. */
const Sent = z.strictObject({
  kind: z.literal('sent'),
  system: text,
  job: text,
  calling_ae: text,
  called_ae: text,
  instances: count,
  failures: count,
  duration_ms: count,
  /** CreationTime, `YYYYMMDDTHHMMSS` on Orthanc's clock. */
  started_at: z.string().regex(/^\d{8}T\d{6}$/),
  outcome: z.enum(['success', 'warning', 'failure']),
  /** Orthanc's number of its error; 0 for none. */
  error_code: z.int()
});
export type OrthancSent = z.infer<typeof Sent>;

/** One document of the Orthanc puller, as it lies in the spool. */
export const OrthancDocument = z.discriminatedUnion('kind', [Received, Statistics, Gauges, Sent]);
export type OrthancDocument = z.infer<typeof OrthancDocument>;
