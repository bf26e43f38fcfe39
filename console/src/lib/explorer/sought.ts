import { z } from 'zod';

/** What can be looked for by an identifier: it is posted, and never stands in a URL. */
export const soughtKinds = ['patient', 'user', 'study'] as const;
export type SoughtKind = (typeof soughtKinds)[number];

const Pseudonym = z.string().regex(/^[0-9a-f]{32}$/);

/** One search as kept: pseudonyms of a patient (one for each authority it may have), of a user, or a study's own number. */
export const Sought = z.object({
  kind: z.enum(soughtKinds),
  patients: z.array(Pseudonym).max(40),
  /** Pseudonym of a person; the name of an application, which may be the same as typed. */
  actors: z.array(z.string().max(256)).max(4),
  /** Study Instance UID or accession number. */
  study: z.string().max(64),
  /** Why a patient is looked for; asked once, told to the log at each opening. */
  purpose: z.string().max(40).optional()
});
export type Sought = z.infer<typeof Sought>;
