import { z } from 'zod';
import { Id, Label } from './primitives.ts';

const Percent = (usual: number) => z.number().min(0).max(100).default(usual);

/** What a site that joins the platform is measured against, and moves from one archive to another. */
export const GoingLive = z
  .strictObject({
    thresholds: z
      .strictObject({
        /** Declared modalities that have stored images. */
        modalities_percent: Percent(100),
        /** Checks of DICOM services (C-ECHO) that succeeded. */
        echo_percent: Percent(99),
        /** Declared modalities that asked for the worklist. */
        worklist_percent: Percent(100),
        /** Exams whose patient has a qualified national identifier (INS). */
        ins_percent: Percent(95),
        /** Ended exams whose images were told available. */
        complete_percent: Percent(98),
        /** Senders that vigie.yaml does not declare. */
        unknown_senders: z.int().min(0).default(0),
        /** Exams a day of the last seven, of those expected. */
        volume_percent: Percent(80)
      })
      .prefault({}),
    /** Days after going live for which a site stands on the page. */
    days: z.int().min(1).max(1000).default(180),
    /** Exams a day that a site did before it joined. */
    expected: z.array(z.strictObject({ site: Id, exams_per_day: z.number().positive() })).default([]),
    migrations: z
      .array(
        z.strictObject({
          id: Id,
          name: Label,
          /** The archive that is left, and the one that takes over. */
          from: Id,
          to: Id,
          on: z.iso.date(),
          /** Days compared before and after. */
          days: z.int().min(1).max(180).default(14)
        })
      )
      .default([])
  })
  .prefault({});
export type GoingLive = z.infer<typeof GoingLive>;
