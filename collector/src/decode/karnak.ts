import { z } from 'zod';
import { readHl7Time, type ToldTime } from './time.ts';

/** Columns of Karnak's monitoring export (nroduit/karnak, MonitoringCsvMapping of July 2026) that Vigie reads; all 33 may be there. */
export const karnakColumns = [
  'Forward aeTitle',
  'Destination hostname',
  'Destination aeTitle',
  'Destination url',
  'Study Uid Original',
  'Modality',
  'Sop Class Uids',
  'Instances',
  'Sent',
  'Errors',
  'First Seen',
  'Last Seen'
] as const;

const time = /^(\d{2})\/(\d{2})\/(\d{4}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;

const Time = z.string().transform((text, context): ToldTime => {
  const [, day = '', month = '', year = '', hour = '', minute = '', second = '', fraction = '0'] =
    time.exec(text) ?? [];
  const told = readHl7Time(`${year}${month}${day}${hour}${minute}${second}.${fraction}`);
  if (told !== null && day !== '') return told;
  context.addIssue({ code: 'custom', message: 'must be a time such as "24/11/2026 08:05:00.000000"' });
  return z.NEVER;
});
const Count = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number);
const Text = (max: number) => z.string().max(max, `must be at most ${max} characters long`).default('');

/** One row, by the labels of its columns: one series of one forward node and destination, counted since it was first seen. */
export const KarnakRow = z.object({
  'Forward aeTitle': z.string().min(1, 'must not be empty').max(64),
  'Destination hostname': Text(255),
  'Destination aeTitle': Text(64),
  'Destination url': Text(1024),
  'Study Uid Original': Text(128),
  Modality: Text(16),
  'Sop Class Uids': Text(4096),
  Instances: Count,
  Sent: Count,
  Errors: Count,
  /** Of newer versions. */
  Excluded: Count.or(z.literal('').transform(() => 0)).default(0),
  Reasons: Text(16_384),
  'First Seen': Time,
  'Last Seen': Time
});
export type KarnakRow = z.infer<typeof KarnakRow>;
