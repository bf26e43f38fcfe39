import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestCollector } from '../testkit/collector.ts';
import { startTestEngine } from '../testkit/engine.ts';
import { until } from '../testkit/until.ts';
import { readiness } from './outage.ts';
import { startSender } from './sender.ts';
import { expectWholeLane } from './whole.ts';

export interface DiskFullResult {
  readonly messages: number;
  /** Batches the collector refused while nothing more fitted. */
  readonly refused_batches: number;
}

const diskMb = 400;
/** Left free when the disk is said to be full: less than the collector keeps in reserve. */
const leftMb = 15;

/**
 * The data folder lies on a real file system of its own that fills up while messages come in: the collector refuses with 503
 * and says so, the sender keeps its messages, and once there is room everything is stored once. Needs root, to mount a tmpfs.
 * @throws with what was wrong
 */
export async function soakDiskFull(
  messages: number,
  progress: (sentence: string) => void
): Promise<DiskFullResult> {
  const disk = mkdtempSync(join(tmpdir(), 'vigie-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=700`, 'tmpfs', disk]);
  try {
    const engine = await startTestEngine({ dataFolder: disk });
    try {
      const collector = await startTestCollector(engine, {
        env: { VIGIE_SPOOL_RESERVE_BYTES: '30000000' }
      });
      try {
        const filler = join(disk, 'filler');
        const free = () => statfsSync(disk).bavail * statfsSync(disk).bsize;
        writeFileSync(filler, Buffer.alloc(Math.max(0, free() - leftMb * 1e6)));
        progress(`disk-full: ${Math.round(free() / 1e6)} MB are left`);
        const sender = startSender(collector, messages);
        await until(
          () => readiness(collector),
          ({ ready, spool_full }) => !ready && spool_full
        );
        progress(`disk-full: refused after ${sender.acknowledged()} of ${messages}; now there is room again`);
        if (sender.acknowledged() >= messages)
          throw new Error('everything was taken before the disk was full');
        rmSync(filler);
        await sender.done;
        await expectWholeLane(engine, messages, 300_000);
        return { messages, refused_batches: sender.retries() };
      } finally {
        await collector.stop();
      }
    } finally {
      await engine.stop();
    }
  } finally {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}
