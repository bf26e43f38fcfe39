import { createPublicKey, randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { parseConfig } from '@vigie/schemas';
import { wrapDataKey } from '@vigie/schemas/vault-format';
import { judge } from './judge.ts';
import { createDirectory } from './normalise/directory.ts';
import { BlockContent } from './pipeline/block-content.ts';
import type { Outcome } from './pipeline/feed-minutes.ts';
import type { Lane, Reception } from './reception.ts';
import type { Origin } from './verdict.ts';

/*
 * Worker of `vigie replay`: decodes receptions of stored blocks again, by the same judge and into the same rows as the first time,
 * with today's decoders and today's vigie.yaml. It stores nothing and knows no store.
 */

/** What it is started with. */
interface RedecodeInput {
  readonly configText: string;
  readonly configFile: string;
  readonly configVariables: Readonly<Record<string, string | undefined>>;
  readonly pseudonymKey: string;
  readonly vaultPublic: string;
}

/** One block: receptions to decode again, and what became of the others, which keep their rows. */
interface RedecodeOrder {
  readonly lane: Lane;
  readonly collector: string;
  readonly block: number;
  readonly records: readonly {
    readonly seq: number;
    readonly reception: Omit<Reception, 'raw'> & { readonly raw: Uint8Array };
    /** No decoder understood it before: nobody it names is in the vault yet. */
    readonly fresh: boolean;
  }[];
  readonly kept: readonly {
    readonly reception: Omit<Reception, 'raw'> & { readonly raw: Uint8Array };
    readonly origin: Origin;
    readonly outcome: Outcome;
    readonly repaired: boolean;
    readonly occurredAt: number | undefined;
  }[];
}

const windowMs = 7 * 86_400_000;

const input = workerData as RedecodeInput;
const port = parentPort;
if (!port) throw new Error('the decoder of replays runs as a worker thread only');
const directory = createDirectory(
  parseConfig(input.configText, input.configFile, input.configVariables),
  Buffer.from(input.pseudonymKey, 'hex')
);
const vaultPublic = createPublicKey(input.vaultPublic);
/** What this replay decoded already: a message that was repeated in quarantine is one event and its repetitions. */
const seen = new Map<string, { readonly seq: number; readonly at: number }>();

const whole = <R extends { readonly raw: Uint8Array }>(reception: R) => ({
  ...reception,
  raw: Buffer.from(reception.raw.buffer, reception.raw.byteOffset, reception.raw.byteLength)
});

port.on('message', (order: RedecodeOrder | 'end') => {
  if (order === 'end') return port.close();
  const { records, kept, ...base } = order;
  const dataKey = randomBytes(32);
  let fresh = false;
  let current = 0;
  const content = new BlockContent(
    base,
    {
      firstSeen(fingerprint, at) {
        const name = fingerprint.toString('latin1');
        const known = seen.get(name);
        if (known && Math.abs(at - known.at) <= windowMs) return known.seq;
        seen.set(name, { seq: current, at });
        return undefined;
      },
      identityKnown: () => !fresh
    },
    { dataKey, wrapped: wrapDataKey(dataKey, vaultPublic) },
    undefined
  );
  for (const record of records) {
    current = record.seq;
    fresh = record.fresh;
    const reception = whole(record.reception);
    content.take(record.seq, reception, judge(reception, directory));
  }
  for (const { origin, reception, outcome, repaired, occurredAt } of kept)
    content.feed.count(origin, whole(reception), outcome, { repaired, occurredAt });
  for (const row of content.feed.rows(base)) content.rows.add('ops.feed_minute', row);
  const { inserts } = content.rows.finish('', false);
  port.postMessage(
    inserts.map(({ table, body, offsets }) => ({ table, body, offsets: Array.from(offsets) }))
  );
});
