import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the built console depends on. */
const inputs = [
  'console/src',
  'console/static',
  'console/vite.config.ts',
  'console/package.json',
  'dashboards',
  'schemas/src',
  'store/src',
  'package-lock.json'
];

function* files(path: string): Generator<string> {
  const entries = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules' || entry.name.endsWith('.test.ts')) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* files(child);
    else yield child;
  }
}

/** Digest of everything the build reads. */
export function sourcesDigest(root: string): string {
  const digest = createHash('sha256');
  for (const input of inputs) {
    const path = join(root, input);
    const list = /\.\w+$/.test(input) ? [path] : [...files(path)];
    for (const file of list)
      digest.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return digest.digest('hex');
}

/** Builds the console when there is no build, or one of other sources. @returns whether it built */
export async function buildConsole(root: string, say: (line: string) => void): Promise<boolean> {
  const marker = join(root, 'console', 'build', '.sources');
  const wanted = sourcesDigest(root);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return false;
  say('building the console…');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'console'),
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`The console could not be built:\n${output.slice(-4000)}`);
  writeFileSync(marker, wanted);
  return true;
}
