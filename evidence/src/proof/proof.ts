import { z } from 'zod';
import { Hash } from '../header.ts';

/** A signed text: header or act. Signature in base64. */
const Signed = z.strictObject({ text: z.string(), signature: z.base64(), key_id: z.string() });

const Count = z.int().min(0);
const Path = z.array(Hash);

/**
 * The proof of one event, version 1: all that is needed to check it far from Vigie, with a public key alone.
 *   header    the header of its block
 *   acts      signed records about that block, oldest first: a replay's root takes the place of the header's
 *   row       the event as it was stored: column names and ClickHouse types, the row in RowBinary (base64), its place among the
 *             block's rows of that table, and the path to their root
 *   message   the message it was decoded from: raw bytes (base64) and how they came, salt (base64), place and path to the leaf root.
 *             It holds a patient's identity; a proof without it shows the row alone
 */
export const Proof = z.strictObject({
  version: z.literal(1),
  kind: z.literal('vigie-proof'),
  id: z.string(),
  made_at: Count,
  header: Signed,
  acts: z.array(Signed),
  row: z.strictObject({
    table: z.string(),
    columns: z.array(z.tuple([z.string(), z.string()])),
    bytes: z.base64(),
    index: Count,
    size: Count,
    path: Path
  }),
  message: z
    .strictObject({
      index: Count,
      size: Count,
      path: Path,
      salt: z.base64(),
      received_at: z.number(),
      source: z.string(),
      transport: z.string(),
      peer: z.string(),
      format: z.string(),
      oversize: z.strictObject({ bytes: Count, sha256: Hash }).optional(),
      raw: z.base64()
    })
    .optional()
});
export type Proof = z.infer<typeof Proof>;
