import { z } from 'zod';
import { Schedule } from './primitives.ts';

const Mail = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(25),
  /** TLS from the first byte (port 465); otherwise STARTTLS where the server offers it. */
  secure: z.boolean().default(false),
  user: z.string().min(1).optional(),
  /** File that holds the password; below the data folder unless absolute. */
  password_file: z.string().min(1).optional(),
  from: z.email(),
  to: z.array(z.email()).min(1).max(20)
});

/** Where the newest signed headers are sent, and when: kept elsewhere they show the removal of the newest blocks. */
const Heads = z.strictObject({
  schedule: Schedule.default('0 6 * * *'),
  /** Folder, best one that another machine owns; below the data folder unless absolute. */
  folder: z.string().min(1).default('heads'),
  /** Time-stamping authority (RFC 3161 over HTTP). */
  timestamp_url: z
    .url({ protocol: /^https?$/, error: 'must be an address such as https://tsa.example.fr/tsr' })
    .optional(),
  mail: Mail.optional()
});
export type Heads = z.infer<typeof Heads>;

/** When the log is verified by itself (level 1): all that is new since the last time, and a part of the old that moves on. */
const Verify = z
  .strictObject({
    schedule: z.union([z.literal('off'), Schedule]).default('30 2 * * *'),
    /** Days of the old log that are read again each time; they move on from one time to the next. */
    old_days: z.int().min(0).max(400).default(14)
  })
  .prefault({});

export const Evidence = z.strictObject({ heads: Heads.optional(), verify: Verify }).prefault({});
