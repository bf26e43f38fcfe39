import { z } from 'zod';
import { Id, Label, Schedule } from './primitives.ts';

/** Availability objective of one service (OpenSLO: ratio SLI, time slices, calendar month). */
export const Objective = z.strictObject({
  id: Id,
  name: Label,
  system: Id,
  /** Probes whose success makes a minute good. */
  probes: z.array(Id).min(1),
  target_percent: z.number().gt(0).lt(100),
  /** Service calendar; left out for 24 hours, 7 days. */
  calendar: Id.optional(),
  /** Length of a time slice, in minutes: good when at least one check succeeded. */
  slice_minutes: z.int().min(1).max(60).default(5),
  supplier: z.string().min(1).optional()
});
export type Objective = z.infer<typeof Objective>;

/** Price of storage: euros a decimal terabyte and month (FOCUS: PricingUnit TB-Months). */
export const Tariff = z.strictObject({
  id: Id,
  system: Id,
  tier: z.enum(['online', 'nearline', 'archive']),
  eur_per_tb_month: z.number().min(0).max(1_000_000),
  valid_from: z.iso.date(),
  valid_to: z.iso.date().optional()
});
export type Tariff = z.infer<typeof Tariff>;

const Months = z.int().min(1).max(1200);

/** How long each category of rows is kept, in months. A purge is a signed, logged act. */
export const Retention = z
  .strictObject({
    audit_months: Months.default(36),
    own_months: Months.default(36),
    raw_months: Months.default(12),
    ops_months: Months.default(36),
    rollup_months: Months.default(120),
    /** When what is over is purged by itself. */
    purge: z.union([z.literal('off'), Schedule]).default('off')
  })
  .prefault({});

export const Role = z.enum(['dsi', 'dpo', 'direction', 'rssi', 'auditor', 'admin']);
export type Role = z.infer<typeof Role>;

/** A local account. Passwords are never written here: the first one is generated and must be changed. */
export const Account = z.strictObject({
  login: Id,
  name: z.string().min(1),
  role: Role,
  /** Establishments whose data the account may see: those that designated this DPO, those this director runs. */
  establishments: z.union([z.literal('all'), z.array(Id).min(1)]),
  language: z.enum(['fr', 'en']).default('fr')
});
export type Account = z.infer<typeof Account>;

export const Simulator = z
  .strictObject({
    enabled: z.boolean().default(false),
    seed: z
      .int()
      .min(1)
      .max(2 ** 31)
      .default(1),
    days: z.int().min(1).max(400).default(60)
  })
  .prefault({});

/** When the monthly reports of the month before are made and kept. */
export const Reports = z
  .strictObject({ schedule: z.union([z.literal('off'), Schedule]).default('0 5 1 * *') })
  .prefault({});
