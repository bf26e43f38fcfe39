import { z } from 'zod';
import { AeTitle, ClockTime, Finess, Id, Label, Network, Rate, Weekday } from './primitives.ts';

export const Organisation = z.strictObject({
  id: Id,
  name: z.string().min(1),
  timezone: z.literal('Europe/Paris').default('Europe/Paris')
});

/** A legal entity (FINESS EJ): the controller of its data. Scopes follow it. */
export const Establishment = z.strictObject({
  id: Id,
  name: z.string().min(1),
  finess_ej: Finess,
  /** A GHT's members are public; a private hospital is a partner (CSP L.6132-1). */
  membership: z.enum(['party', 'partner']).default('party')
});
export type Establishment = z.infer<typeof Establishment>;

/** A week of opening times; a day left out is closed. Holidays are those of the calendar. */
export const Calendar = z.strictObject({
  id: Id,
  name: Label,
  hours: z.partialRecord(Weekday, z.array(z.tuple([ClockTime, ClockTime])).max(6)),
  holidays: z.enum(['france', 'alsace-moselle', 'none']).default('france')
});
export type Calendar = z.infer<typeof Calendar>;

/** A place that produces exams (FINESS EG). */
export const Site = z.strictObject({
  id: Id,
  name: z.string().min(1),
  short_name: z.string().min(1).max(24),
  establishment: Id,
  finess_eg: Finess,
  networks: z.array(Network).default([]),
  calendar: Id.optional(),
  /** Names by which systems call the site (AuditEnterpriseSiteID, MSH-4, Institution Name). */
  aliases: z.array(z.string().min(1)).default([]),
  /** Date of going live on the platform, when it is recent or to come. */
  live_on: z.iso.date().optional()
});
export type Site = z.infer<typeof Site>;

/** Who reads or answers for the group without being of it: a teleradiology platform, another hospital. */
export const ReadingPartner = z.strictObject({
  id: Id,
  name: z.string().min(1),
  /** How far away: what subsidiarity is counted by. */
  level: z.enum(['department', 'region', 'national']),
  /** Names and FINESS by which messages call it (OBR-32.7, ORC-21). */
  aliases: z.array(z.string().min(1)).default([])
});
export type ReadingPartner = z.infer<typeof ReadingPartner>;

export const SystemKind = z.enum([
  'pacs',
  'vna',
  'ris',
  'viewer',
  'portal',
  'archive',
  'ai',
  'modality',
  'gateway',
  'sensor',
  'other'
]);
export type SystemKind = z.infer<typeof SystemKind>;

/** A system that is watched: everything by which its messages are recognised. */
export const System = z.strictObject({
  id: Id,
  name: z.string().min(1),
  kind: SystemKind,
  vendor: z.string().min(1).optional(),
  /** Left out for a system shared by the group. */
  site: Id.optional(),
  modality: z
    .string()
    .regex(/^[A-Z0-9]{2,6}$/, 'must be a DICOM modality such as CT')
    .optional(),
  ae_titles: z.array(AeTitle).default([]),
  networks: z.array(Network).default([]),
  hostnames: z.array(z.string().min(1)).default([]),
  audit_source_ids: z.array(z.string().min(1)).default([]),
  hl7_applications: z.array(z.string().min(1)).default([]),
  /** Patient identifier issuer to assume where a message tells none: the OID of the local IPP. */
  patient_id_authority: z.string().min(1).optional(),
  /** Zone of times that carry none. */
  timezone: z.string().min(1).default('Europe/Paris'),
  /** How long the source may be silent within opening hours before it is a signal. */
  silence_minutes: z.int().min(1).max(100_000).optional(),
  /** What it may send where it is known by certificate, API key or network; the limits of `receivers` otherwise. */
  limits: z
    .strictObject({
      max_message_bytes: z.int().min(1024).max(64_000_000).optional(),
      max_messages_per_second: Rate.optional()
    })
    .optional(),
  /** The one observer whose transfers count for this system; others only reconcile. */
  transfers_observed_by: Id.optional(),
  /** What was not tried with the vendor's own product, for its page; left out, the sentence of its kind. */
  unverified: Label.optional()
});
export type System = z.infer<typeof System>;
