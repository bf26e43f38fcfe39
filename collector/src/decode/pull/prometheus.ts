import { tiers } from '@vigie/schemas/facts/storage';
import { z } from 'zod';

const bytes = z.int().min(0);

/** One filesystem of one scrape of node_exporter, as it lies in the spool. */
export const FilesystemDocument = z
  .strictObject({
    system: z.string().max(128),
    pool: z.string().max(128),
    tier: z.enum(tiers),
    mountpoint: z.string().max(1024),
    at: z.iso.datetime(),
    size_bytes: bytes,
    /** Free space with what the filesystem reserves for root: what node_exporter calls free. */
    free_bytes: bytes.optional(),
    /** Free space for everybody else; stands in when the exporter tells no free space. */
    avail_bytes: bytes.optional()
  })
  .refine((one) => one.free_bytes !== undefined || one.avail_bytes !== undefined, {
    error: 'must tell free_bytes or avail_bytes'
  });
export type FilesystemDocument = z.infer<typeof FilesystemDocument>;
