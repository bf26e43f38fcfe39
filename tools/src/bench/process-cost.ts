import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc/<pid>/stat on Linux. */
const ticks = 100;

/** CPU time a process has used so far, its threads included, in seconds. */
export function cpuSeconds(pid: number): number {
  // The command's name, in parentheses, may hold blanks: fields are counted after it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Anonymous memory of a process now, in MB: what it holds beside mapped files. */
export function anonymousMb(pid: number): number {
  const told = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(told ?? 0) / 1000;
}

/** A process and all that it started, directly or not. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      parents.set(Number(name), Number(fields[1]));
    } catch {
      // It ended between the listing and the look.
    }
  }
  const found = [pid];
  for (const parent of found) for (const [child, its] of parents) if (its === parent) found.push(child);
  return found;
}

/** Highest anonymous memory of each process while `work` runs, looked at five times a second, in MB. */
export async function peakMb<T>(
  pids: readonly number[],
  work: () => Promise<T>
): Promise<{ result: T; peaks: number[] }> {
  const peaks = pids.map(() => 0);
  const look = () => pids.forEach((pid, i) => (peaks[i] = Math.max(peaks[i] ?? 0, anonymousMb(pid))));
  const timer = setInterval(look, 200);
  try {
    look();
    return { result: await work(), peaks };
  } finally {
    clearInterval(timer);
  }
}
