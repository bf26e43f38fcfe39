import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '@vigie/store/lock';
import { SensorUsageError } from '../config.ts';

/**
 * Makes the spool this sensor's own: two would write over each other's batches.
 * @returns what gives it back
 * @throws {SensorUsageError} when another sensor has it, or it cannot be used
 */
export function lockSpool(folder: string): () => void {
  let taken: ReturnType<typeof takeLock>;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    taken = takeLock(join(folder, 'sensor.lock'));
  } catch (error) {
    throw new SensorUsageError(
      `--spool ${folder} cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)})`
    );
  }
  if ('release' in taken) return taken.release;
  throw new SensorUsageError(
    `--spool ${folder} is in use by another sensor (process ${taken.holder.pid}): give each a folder of its own`
  );
}
