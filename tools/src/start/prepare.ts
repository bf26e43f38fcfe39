import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

/** Free bytes without which nothing is started. */
const neededBytes = 300_000_000;

/** Said to the user as it is: what is wrong, and how to mend it. */
export class StartError extends Error {}

/** Makes the data folder, private to this user. @throws {StartError} when it cannot be written or the disk is full */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    mkdirSync(join(folder, 'run'), { recursive: true, mode: 0o700 });
    mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new StartError(
        `The disk of ${folder} is full: free some space, or choose another folder with --data.`
      );
    throw new StartError(
      `The data folder ${folder} cannot be written (${code}): give this user the right to write there, or choose another folder with --data.`
    );
  }
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < neededBytes)
    throw new StartError(
      `The disk of ${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB free and Vigie needs ${neededBytes / 1e6} MB to start: free some space, or choose another folder with --data.`
    );
}

/**
 * Takes the folder for this start: two engines on the same files would ruin them.
 * @returns what gives it back
 * @throws {StartError} when another start holds it; the lock of a process that is gone is taken over
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'run', 'start.lock');
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      writeSync(descriptor, `${process.pid}\n`);
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(file, 'utf8').trim());
    if (isOurs(holder))
      throw new StartError(
        `Vigie already runs in ${folder} (process ${holder}): stop it first (Ctrl-C there), or choose another folder with --data.`
      );
    rmSync(file, { force: true });
  }
}

/** Whether a process lives and is a start of Vigie: pids are used again. */
function isOurs(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('start/main.ts');
}

/** Checks that a port can be had, before anything is started. @throws {StartError} naming the flag */
export async function checkPort(port: number, host: string, flag: string): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartError(`Port ${port} is in use: stop what uses it, or choose another with --${flag}.`);
    if (code === 'EACCES')
      throw new StartError(
        `Port ${port} may not be opened by this user: choose one above 1023 with --${flag}.`
      );
    throw new StartError(`Port ${port} on ${host} cannot be opened (${code}): check --host and --${flag}.`);
  } finally {
    server.close();
  }
}
