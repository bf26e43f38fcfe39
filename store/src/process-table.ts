import { existsSync, readFileSync } from 'node:fs';

/**
 * When a process began, in clock ticks since the machine did: with its number it names a process for good, as numbers are
 * used again. Undefined where the process is gone; 0 where the machine has no /proc.
 */
export function startOf(pid: number): number | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  if (!existsSync('/proc/self/stat')) return 0;
  try {
    // The name, in parentheses, may hold blanks: fields are counted after it.
    const [, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, ' ')
      .split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** Whether the process that had this number at that time still lives. */
export const lives = ({ pid, start }: { readonly pid: number; readonly start: number }): boolean =>
  startOf(pid) === start;

/** Sends a signal to that process; one that is gone by now needs none. */
export function signal(
  identity: { readonly pid: number; readonly start: number },
  name: 'SIGTERM' | 'SIGKILL'
): void {
  if (!lives(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
