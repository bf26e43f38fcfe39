import { z } from 'zod';
import { Id } from '../config/primitives.ts';

/** Fields that every JSON record may carry. Times are ISO 8601 with a zone. */
export const Time = z.iso.datetime({
  offset: true,
  error: 'must be a time with zone such as "2026-11-24T08:05:00+01:00"'
});
export const Count = z.int({ error: 'must be a whole number' }).min(0).max(4_294_967_295);
export const Bytes = z.int({ error: 'must be a whole number of bytes' }).min(0);
export const Uid = z.string().regex(/^[0-9.]{1,64}$/, 'must be a DICOM UID');
export const Modality = z.string().regex(/^[A-Z0-9_]{2,16}$/, 'must be a DICOM modality such as CT');
export const Name = (max: number) => z.string().min(1).max(max);
export { Id };
