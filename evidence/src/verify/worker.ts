import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createReader, type StoreAddress } from '@vigie/store';
import type { RangeTask } from './block-task.ts';
import { verifyRange, type RangeResult } from './verify-range.ts';

/** What a thread is given once. */
export interface WorkerInput {
  readonly store: StoreAddress;
  /** Private key of the vault (PEM) for level 2. */
  readonly vaultKey: string | undefined;
  /** Rests after each range for as long as it took: half of a core and of the store's time at most. */
  readonly gentle: boolean;
}

export type WorkerReply = { readonly result: RangeResult } | { readonly error: string };

const port = parentPort;
if (!port) throw new Error('this file runs as a worker thread only');
const { store, vaultKey, gentle } = workerData as WorkerInput;
// Linux ranks threads one by one: 0 is this one.
if (gentle && process.platform === 'linux') setPriority(0, 10);
const client = createReader(store, 'vigie-verify');
async function check(task: RangeTask): Promise<RangeResult> {
  const started = performance.now();
  const result = await verifyRange(client, task, vaultKey);
  if (gentle) await sleep(performance.now() - started);
  return result;
}
port.on('message', (task: RangeTask) => {
  check(task).then(
    (result) => port.postMessage({ result } satisfies WorkerReply),
    (error: unknown) =>
      port.postMessage({
        error: error instanceof Error ? error.message : String(error)
      } satisfies WorkerReply)
  );
});
