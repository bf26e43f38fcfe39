import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { lives, startOf } from './process-table.ts';

const Holder = z.object({ pid: z.int(), start: z.int() });
export type Holder = z.infer<typeof Holder>;

/**
 * Takes a lock file for this process. It appears whole (written apart, then linked), and the lock of a process that is gone is
 * taken over.
 * @returns what gives it back, or the process that holds it
 */
export function takeLock(file: string): { readonly release: () => void } | { readonly holder: Holder } {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, start: startOf(process.pid) ?? 0 }), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(own, file);
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = holderOf(file);
      if (holder && lives(holder)) return { holder };
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function holderOf(file: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
