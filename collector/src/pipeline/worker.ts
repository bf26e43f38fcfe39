import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { parseConfig } from '@vigie/schemas';
import { judge } from '../judge.ts';
import { createDirectory } from '../normalise/directory.ts';
import { lanes } from '../reception.ts';
import { pieceSeal } from '../forward/piece-seal.ts';
import { forwardQueues } from '../forward/queue.ts';
import { isCommitFailure, outliveCommitFailures } from '../spool/commit-failure.ts';
import { openEnvironment } from '../spool/environment.ts';
import { sealKeys } from './keys.ts';
import type { SealContext } from './seal-block.ts';
import { LaneSealer } from './seal-lane.ts';
import { Signal } from './signal.ts';
import { DuplicateWindow, KnownIdentities } from './window.ts';

/** What the receivers' thread hands over. */
export interface WorkerInput {
  readonly spoolFolder: string;
  readonly keysFolder: string;
  readonly collector: string;
  readonly configText: string;
  readonly configFile: string;
  readonly configVariables: Readonly<Record<string, string | undefined>>;
  /** Three 64-bit floats: by lane, the first sequence that is not known to be on disk. */
  readonly durable: SharedArrayBuffer;
}

/** What the receivers' thread says: records or room came, or seal what is there and end. */
export type WorkerOrder = 'go' | 'flush';
/** What the worker says: a plan is on disk, or all is sealed and it ends. */
export type WorkerEvent = 'sealed' | 'flushed';

/** A block that waits for its age is looked at this often, ms. */
const lookMs = 100;
/** Pause after the disk was full, ms. */
const fullDiskMs = 1000;

const input = workerData as WorkerInput;
const port = parentPort;
if (!port) throw new Error('the seal worker runs as a worker thread only');
const tell = (event: WorkerEvent) => port.postMessage(event);
const key = (name: string) => readFileSync(join(input.keysFolder, name), 'utf8');

const config = parseConfig(input.configText, input.configFile, input.configVariables);
const directory = createDirectory(config, Buffer.from(key('pseudonym.key').trim(), 'hex'));
const spool = openEnvironment(input.spoolFolder);
const window = new DuplicateWindow(spool);
const known = new KnownIdentities(spool);
const durable = new Float64Array(input.durable);
const keysNow = sealKeys(input.keysFolder);
let keys = keysNow();
const context: SealContext = {
  collector: input.collector,
  get keys() {
    return keys;
  },
  judge: (reception) => judge(reception, directory),
  firstSeen: (fingerprint, at) => window.firstSeen(fingerprint, at),
  identityKnown: (one, at) => known.knows(one, at),
  randomKey: () => randomBytes(32)
};

const forward =
  config.forwarding.length > 0
    ? {
        rules: config.forwarding,
        queues: forwardQueues(spool, config.forwarding, pieceSeal(key('forward.key')))
      }
    : undefined;

outliveCommitFailures();
let flushing = false;
const signal = new Signal();
port.on('message', (order: WorkerOrder) => {
  if (order === 'flush') flushing = true;
  signal.raise();
});

// One loop for all lanes: Vigie's own acts first, which someone waits for.
const sealers = lanes
  .toReversed()
  .map(
    (lane) => [new LaneSealer(lane, { spool, context, window, known, forward }), lanes.indexOf(lane)] as const
  );
const watermark = (lane: number) => durable[lane] ?? 1;
for (;;) {
  let sealed = false;
  for (const [sealer, lane] of sealers) {
    keys = keysNow();
    try {
      if (!(await sealer.seal(watermark(lane), Date.now(), flushing))) continue;
      sealed = true;
      tell('sealed');
    } catch (error) {
      // The range stays as it was, and is sealed anew once the disk has room.
      if (!isCommitFailure(error)) throw error;
      await signal.wait(fullDiskMs);
    }
  }
  if (flushing && sealers.every(([sealer, lane]) => sealer.idle(watermark(lane)))) break;
  if (!sealed) await signal.wait(lookMs);
}
tell('flushed');
await spool.root.close();
port.close();
