import { execFile } from 'node:child_process';
import { StartError } from './start-error.ts';

/** Runs one script to its end. @returns what it wrote on stdout @throws {StartError} with what it said on stderr */
export function runOnce(
  root: string,
  env: NodeJS.ProcessEnv,
  script: string,
  ...args: readonly string[]
): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(process.execPath, [script, ...args], { cwd: root, env }, (error, stdout, stderr) => {
      if (error) reject(new StartError(stderr.trim() || `${script} failed: ${error.message}`));
      else resolve(stdout);
    })
  );
}
