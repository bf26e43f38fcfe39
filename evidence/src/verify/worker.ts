import { parentPort, workerData } from 'node:worker_threads';
import { createReader, type StoreAddress } from '@vigie/store';
import type { RangeTask } from './block-task.ts';
import { verifyRange, type RangeResult } from './verify-range.ts';

/** What a thread is given once. */
export interface WorkerInput {
  readonly store: StoreAddress;
  /** Private key of the vault (PEM) for level 2. */
  readonly vaultKey: string | undefined;
}

export type WorkerReply = { readonly result: RangeResult } | { readonly error: string };

const port = parentPort;
if (!port) throw new Error('this file runs as a worker thread only');
const { store, vaultKey } = workerData as WorkerInput;
const client = createReader(store, 'vigie-verify');
port.on('message', (task: RangeTask) => {
  verifyRange(client, task, vaultKey).then(
    (result) => port.postMessage({ result } satisfies WorkerReply),
    (error: unknown) =>
      port.postMessage({
        error: error instanceof Error ? error.message : String(error)
      } satisfies WorkerReply)
  );
});
