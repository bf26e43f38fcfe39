import { z } from 'zod';
import { Name } from './record.ts';

/**
 * One audit message as JSON: `POST /v1/audit`. Either the DICOM audit XML as text in `xml`,
 * or the document itself with content type application/xml.
 */
export const AuditRecord = z.strictObject({
  id: Name(128).optional(),
  xml: z.string({ error: 'must hold the DICOM audit message (PS3.15 A.5) as text' }).min(1).max(16_000_000)
});
export type AuditRecord = z.infer<typeof AuditRecord>;
