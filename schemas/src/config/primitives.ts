import { z } from 'zod';

/** Identifier used in facts, URLs and boards: lower case, digits, hyphens. */
export const Id = z
  .string({ error: 'must be text such as "ch-troyes"' })
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, such as "ch-troyes"');

/** FINESS number: nine characters. YAML reads 012345678 as a number, so it must be quoted. */
export const Finess = z
  .string({ error: 'must be quoted: nine digits such as "100000017"' })
  .regex(/^[0-9AB]{9}$/, 'must be nine digits such as "100000017"');

/** DICOM AE title (PS3.5 VR AE): 1–16 characters, no backslash, no leading or trailing blank. */
export const AeTitle = z
  .string({ error: 'must be text of 1 to 16 characters' })
  .regex(
    /^(?! )[\x20-\x5b\x5d-\x7e]{1,16}(?<! )$/,
    'must be an AE title: 1 to 16 characters without backslash'
  );

/** IPv4 or IPv6 network in CIDR form. */
export const Network = z.union([z.cidrv4(), z.cidrv6()], {
  error: 'must be a network such as "10.10.0.0/16"'
});

/** "HH:MM" on a 24-hour clock; 24:00 ends a day. */
export const ClockTime = z
  .string({ error: 'must be quoted: a time such as "07:30"' })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as "07:30"');

export const Port = z.int({ error: 'must be a port from 0 to 65535' }).min(0).max(65535);

/** Messages a second. */
export const Rate = z.int({ error: 'must be a whole number of messages a second' }).min(1).max(1_000_000);

export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);

/** A label in both languages of the console. */
export const Label = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) });
export type Label = z.infer<typeof Label>;

/** Five fields of cron, in the time of Paris. */
export const Schedule = z
  .string()
  .regex(/^\s*(?:\S+\s+){4}\S+\s*$/, 'must be five fields of cron, such as "0 6 * * *" for every day at six');
