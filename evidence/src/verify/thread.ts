import { parentPort, workerData } from 'node:worker_threads';
import type { StoreAddress } from '@vigie/store';
import type { Head } from '../head/head.ts';
import { readKeyRing } from '../key-ring.ts';
import type { Progress, Report } from './report.ts';
import { verifyEvidence } from './verify.ts';

/** A level-1 verification in a thread of its own, for a process that must go on answering. */
export interface ThreadInput {
  readonly store: StoreAddress;
  /** Folder of the public keys. */
  readonly keysFolder: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** A head that was verified before. */
  readonly head?: Head | undefined;
  readonly gentle?: boolean | undefined;
}

/** What the thread says; the last is a report or an error. Any message to it cancels. */
export type ThreadEvent =
  { readonly progress: Progress } | { readonly report: Report } | { readonly error: string };

const port = parentPort;
if (!port) throw new Error('this file runs as a worker thread only');
const tell = (event: ThreadEvent) => port.postMessage(event);
const cancel = new AbortController();
port.on('message', () => cancel.abort());
const { store, keysFolder, from, to, head, gentle } = workerData as ThreadInput;
try {
  const ring = readKeyRing(keysFolder);
  // One thread that hashes: the console's readers come first.
  const report = await verifyEvidence({
    store,
    ring,
    from,
    to,
    head,
    gentle,
    derived: true,
    jobs: 1,
    signal: cancel.signal,
    progress: (progress) => tell({ progress })
  });
  tell({ report });
} catch (error) {
  tell({ error: error instanceof Error ? error.message : String(error) });
} finally {
  port.close();
}
