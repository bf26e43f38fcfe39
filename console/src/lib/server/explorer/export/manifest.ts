import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** Where rows of an export come from. */
export interface BlockHeader {
  readonly collector: string;
  readonly lane: string;
  readonly block: number;
  /** SHA-256 of the header, hexadecimal; '' when the header is not stored (yet). */
  readonly hash: string;
  readonly key_id: string;
}

/** What an export is, for who receives it. */
export interface ManifestContent {
  readonly id: string;
  readonly organisation: string;
  readonly by: { readonly login: string; readonly role: string };
  readonly asked_at: string;
  readonly finished_at: string;
  /** The page's address with its exact window and filters; searches by their opaque id. */
  readonly query: string;
  readonly filters: Readonly<Record<string, unknown>>;
  readonly file: { readonly name: string; readonly type: string; readonly bytes: number; readonly sha256: string; readonly rows: number }; // prettier-ignore
  /** Id of Vigie's own event that tells this export. */
  readonly audit: string;
  readonly blocks: readonly BlockHeader[];
}

/** Blocks a manifest lists; of more, the digest alone holds them. */
const mostListed = 20_000;

/**
 * Writes and signs a manifest: the very bytes that are returned are signed, with Ed25519. `blocks.sha256` is the SHA-256 of
 * one line a block, `collector lane block hash` and a line feed, in order.
 * @param privateKey PEM of keys/console.key
 */
export function signedManifest(content: ManifestContent, privateKey: string): { text: string; signature: Buffer } {
  const key = createPrivateKey(privateKey);
  const publicKey = createPublicKey(key);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const { blocks, ...rest } = content;
  const digest = createHash('sha256');
  for (const { collector, lane, block, hash } of blocks) digest.update(`${collector} ${lane} ${block} ${hash}\n`);
  const text = `${JSON.stringify(
    {
      manifest: 'vigie-export-1',
      ...rest,
      blocks: { count: blocks.length, sha256: digest.digest('hex'), ...(blocks.length <= mostListed && { list: blocks }) },
      signature: {
        algorithm: 'Ed25519',
        key_id: createHash('sha256').update(der).digest('hex').slice(0, 16),
        public_key: publicKey.export({ type: 'spki', format: 'pem' })
      }
    },
    null,
    2
  )}\n`;
  return { text, signature: sign(null, Buffer.from(text), key) };
} // prettier-ignore
