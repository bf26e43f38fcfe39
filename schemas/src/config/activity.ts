import { z } from 'zod';
import { patientClasses, priorities } from '../facts/exam.ts';
import { Id } from './primitives.ts';

/** How soon a report is wanted: from images available to signed, by priority and patient class. The first that fits holds. */
export const TurnaroundTarget = z.strictObject({
  /** Left out for all priorities, and for exams whose priority is not told. */
  priority: z.enum(priorities).optional(),
  patient_class: z.enum(patientClasses).optional(),
  within_minutes: z.int().min(1).max(100_000),
  /** Share of reports wanted within it. */
  percent: z.number().gt(0).max(100).default(90),
  /** The clock runs in its opening hours alone; day and night when left out. */
  calendar: Id.optional()
});
export type TurnaroundTarget = z.infer<typeof TurnaroundTarget>;

/** Technical fees (forfaits techniques) a machine and year: above each threshold the tariff is reduced. */
export const FeeThreshold = z
  .strictObject({
    modality: z.string().regex(/^[A-Z0-9]{2,6}$/, 'must be a DICOM modality such as CT'),
    first: z.int().min(1).max(1_000_000),
    second: z.int().min(1).max(1_000_000)
  })
  .refine((one) => one.second > one.first, {
    path: ['second'],
    error: 'must be more than first: the tariff falls again there'
  });
export type FeeThreshold = z.infer<typeof FeeThreshold>;

/** What activity and turnaround are measured against. */
export const Activity = z
  .strictObject({
    turnaround: z.array(TurnaroundTarget).max(64).default([]),
    /** Thresholds of 2025 (CNAM), see docs/activity.md. */
    fee_thresholds: z
      .array(FeeThreshold)
      .max(16)
      .default([
        { modality: 'CT', first: 11_000, second: 13_000 },
        { modality: 'MR', first: 8_000, second: 11_000 }
      ]),
    /** Minutes a room is held after an exam: cleaning, the next patient. Counted as occupied. */
    buffer_minutes: z.int().min(0).max(120).default(0)
  })
  .prefault({});
export type Activity = z.infer<typeof Activity>;
