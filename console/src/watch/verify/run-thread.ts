import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Report } from '@vigie/evidence/verify/report';
import type { ThreadEvent, ThreadInput } from '@vigie/evidence/verify/thread';

const threadFile = () => createRequire(import.meta.url).resolve('@vigie/evidence/verify/thread');

/** One verification in a thread of its own, whose memory is bounded. @throws when it cannot be carried out */
export function runThread(input: ThreadInput, cancelled: AbortSignal): Promise<Report> {
  const worker = new Worker(threadFile(), {
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: 256 }
  });
  const cancel = () => worker.postMessage('cancel');
  cancelled.addEventListener('abort', cancel, { once: true });
  return new Promise<Report>((resolve, reject) => {
    worker.on('message', (event: ThreadEvent) => {
      if ('report' in event) resolve(event.report);
      else if ('error' in event) reject(new Error(event.error));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the verification ended without a report')));
  }).finally(() => {
    cancelled.removeEventListener('abort', cancel);
    void worker.terminate();
  });
}
