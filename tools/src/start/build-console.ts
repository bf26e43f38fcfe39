import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '@vigie/store/lock';
import { StartError } from './start-error.ts';

/** What the built console depends on. */
const inputs = [
  'console/src',
  'console/static',
  'console/vite.config.ts',
  'console/package.json',
  'dashboards/boards',
  'dashboards/src',
  'evidence/src',
  'schemas/src',
  'store/src',
  'package-lock.json'
];

function* files(path: string): Generator<string> {
  const entries = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.endsWith('.test.ts')) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* files(child);
    else yield child;
  }
}

/** Digest of everything the build reads. */
function sourcesDigest(root: string): string {
  const digest = createHash('sha256');
  for (const input of inputs) {
    const path = join(root, input);
    for (const file of /\.\w+$/.test(input) ? [path] : files(path))
      digest.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return digest.digest('hex');
}

/**
 * Builds the console when there is no build, or one of other sources. Two starts in one checkout build one after the other.
 * @throws {StartError} with the end of what the build said
 */
export async function buildConsole(root: string, say: (line: string) => void): Promise<void> {
  const marker = join(root, 'console', 'build', '.sources');
  const wanted = sourcesDigest(root);
  const isBuilt = () => existsSync(marker) && readFileSync(marker, 'utf8') === wanted;
  if (isBuilt()) return;
  const lock = await waitForLock(join(root, 'node_modules', '.vigie-build.lock'), say);
  try {
    if (isBuilt()) return;
    say('building the console…');
    await viteBuild(root);
    writeFileSync(marker, wanted);
  } finally {
    lock.release();
  }
}

async function waitForLock(file: string, say: (line: string) => void): Promise<{ release: () => void }> {
  for (let told = false; ; told = true) {
    const lock = takeLock(file);
    if ('release' in lock) return lock;
    if (!told) say(`waiting for process ${lock.holder.pid}, which builds the console…`);
    await sleep(200);
  }
}

async function viteBuild(root: string): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'console'),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  process.off('exit', end);
  if (code !== 0) throw new StartError(`The console could not be built:\n${output}`);
}
