import { accessSync, chmodSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartError } from './start-error.ts';

/** Free bytes without which nothing is started: the engine and the spool need room for a first day. */
const neededBytes = 300_000_000;

/** As mkdir -p. Node's own never returns below /proc, where a folder is there and its children cannot be. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/**
 * Makes the data folder, private to this user.
 * @param needed free bytes without which nothing is started
 * @throws {StartError} when it cannot be written or its disk is full
 */
export function prepareFolder(folder: string, needed = neededBytes): void {
  try {
    for (const part of [folder, join(folder, 'run'), join(folder, 'logs')]) makeFolder(part);
    chmodSync(folder, 0o700);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new StartError(`The disk of ${folder} is full: free some space, or choose another folder with --data.`);
    const reason =
      code === 'ENOTDIR' || code === 'EEXIST'
        ? `${code}: a file stands where a folder should`
        : code === 'EROFS'
          ? `${code}: its disk is mounted read-only`
          : code;
    throw new StartError(
      `The data folder ${folder} cannot be written (${reason}): give this user the right to write there, or choose another folder with --data.`
    );
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < needed)
    throw new StartError(
      `The disk of ${folder} is full: ${Math.floor(free / 1e6)} MB are free and Vigie needs ${needed / 1e6} MB to start. Free some space, or choose another folder with --data.`
    );
}
