import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './process.ts';

/**
 * Makes a search token as an operator does, with `vigie token create`.
 * @param env the variables of the installation
 * @param role dpo, dsi, rssi or auditor
 * @param flags more flags
 * @returns its text
 */
export async function createSearchToken(
  env: Readonly<Record<string, string>>,
  role: string,
  establishments: readonly string[],
  ...flags: readonly string[]
): Promise<string> {
  const scope = establishments.flatMap((id) => ['--establishment', id]);
  const { stdout } = await vigie(env, 'token', 'create', '--name', `test-${role}`, '--role', role, ...scope, ...flags); // prettier-ignore
  return stdout.trim();
}

/** Runs `vigie` as an operator does. Rejects with its stderr when it fails. */
export function vigie(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, [join(root, 'tools/src/vigie/main.ts'), ...args], {
    env: { ...process.env, ...env }
  });
}
