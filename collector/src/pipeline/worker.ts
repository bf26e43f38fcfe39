import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createWriter, type StoreAddress } from '@vigie/store';
import { parseConfig } from '@vigie/schemas';
import { judge } from '../judge.ts';
import { createDirectory } from '../normalise/directory.ts';
import { lanes, type Lane } from '../reception.ts';
import { openEnvironment } from '../spool/environment.ts';
import { LanePipeline, type LaneEvent } from './lane.ts';
import { DuplicateWindow, dayOf } from './window.ts';
import type { SealContext } from './seal-block.ts';

/** What the receivers' thread hands over. */
export interface WorkerInput {
  readonly spoolFolder: string;
  readonly keysFolder: string;
  readonly collector: string;
  readonly configText: string;
  readonly configFile: string;
  readonly configVariables: Readonly<Record<string, string | undefined>>;
  readonly store: StoreAddress;
  readonly durable: SharedArrayBuffer;
}

/** What the receivers' thread says: new records are on disk, or finish what is there and stop. */
export type WorkerOrder = 'go' | 'flush';
export type WorkerEvent = LaneEvent | { readonly kind: 'flushed' };

const input = workerData as WorkerInput;
const port = parentPort;
if (!port) throw new Error('the seal worker runs as a worker thread only');
const tell = (event: WorkerEvent) => port.postMessage(event);
const key = (name: string) => readFileSync(join(input.keysFolder, name), 'utf8');

const config = parseConfig(input.configText, input.configFile, input.configVariables);
const directory = createDirectory(config, Buffer.from(key('pseudonym.key').trim(), 'hex'));
const spool = openEnvironment(input.spoolFolder);
const window = new DuplicateWindow(spool);
const durable = new Float64Array(input.durable);
const client = createWriter(input.store);
const context: SealContext = {
  collector: input.collector,
  keys: { evidence: createPrivateKey(key('evidence.key')), vaultPublic: createPublicKey(key('vault.pub')) },
  judge: (reception) => judge(reception, directory),
  firstSeen: (fingerprint, at) => window.firstSeen(fingerprint, at),
  day: dayOf,
  identityKnown: (one) => spool.identities.get(one) !== undefined,
  randomKey: () => randomBytes(32)
};

let flushing = false;
let wake: (() => void)[] = [];
port.on('message', (order: WorkerOrder) => {
  if (order === 'flush') flushing = true;
  for (const resolve of wake.splice(0)) resolve();
});
const sleep = (ms: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake.push(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Seals ahead of the store while there is something to seal. */
async function sealLoop(lane: Lane, pipeline: LanePipeline): Promise<void> {
  while (!flushing || !pipeline.idle(watermark(lane))) {
    await window.open(Date.now());
    if (!(await pipeline.seal(watermark(lane), Date.now(), flushing))) await sleep(100);
  }
}

/** Stores plans in order; waits longer after each failure, up to 10 s. */
async function storeLoop(lane: Lane, pipeline: LanePipeline): Promise<void> {
  let pause = 100;
  while (!flushing || !pipeline.idle(watermark(lane))) {
    const outcome = await pipeline.store();
    if (outcome === 'stored' || outcome === 'isolate') pause = 100;
    else if (outcome === 'idle') await sleep(50);
    else {
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(outcome === 'park' ? 10_000 : 5_000, pause * 2);
    }
    if (outcome === 'stored') for (const resolve of wake.splice(0)) resolve();
  }
}

const watermark = (lane: Lane) => durable[lanes.indexOf(lane)] ?? 1;

await Promise.all(
  lanes.flatMap((lane) => {
    const pipeline = new LanePipeline(lane, { spool, context, client, tell });
    return [sealLoop(lane, pipeline), storeLoop(lane, pipeline)];
  })
);
await client.close();
tell({ kind: 'flushed' });
