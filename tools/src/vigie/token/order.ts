import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CommandError } from '../command.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Has the console's own program carry out an order about search tokens, for they live in the console's database.
 * @param place folder and configuration as flags name them
 * @throws {CommandError} with what it said
 */
export async function orderToken(
  order: Readonly<Record<string, unknown>>,
  place: { readonly data?: string | undefined; readonly config?: string | undefined }
): Promise<unknown> {
  const env = {
    ...process.env,
    ...(place.data !== undefined && { VIGIE_DATA: place.data }),
    ...(place.config !== undefined && { VIGIE_CONFIG: place.config })
  };
  const script = fileURLToPath(new URL('console/src/token.ts', `file://${root}`));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(order)], { env });
    return JSON.parse(stdout);
  } catch (error) {
    const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
    throw new CommandError(said.trim() || `the console's program failed: ${String(error)}`);
  }
}
