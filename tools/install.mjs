// Plain JavaScript for Node 20: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const node = join(root, 'node_modules', 'node', 'bin', 'node');

/** Installs the modules when they are missing or older than the lock file. Ends the process with a sentence when it cannot. */
export function install() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20)
    stop(
      `Vigie needs Node.js 20 or later to install itself; this is ${process.versions.node}. See https://nodejs.org.`
    );
  if (upToDate()) return;
  process.stderr.write('Vigie: installing its modules (npm ci); this takes a minute or two.\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit']
  });
  if (npm.error) stop(`npm cannot be run (${npm.error.message}): install npm, which comes with Node.js.`);
  if (npm.status !== 0)
    stop(
      'The modules could not be installed: see the lines above. A full disk or a registry that does not answer are the usual reasons.'
    );
  if (!existsSync(node))
    stop(
      'The Node.js 24 that Vigie brings was not installed: its install script was refused. Allow it (package.json, allowScripts) and try again.'
    );
}

function upToDate() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(node) || !existsSync(marker)) return false;
  if (statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return true;
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
      .filter(([name, entry]) => name.startsWith('node_modules/') && !entry.optional && !entry.link)
      .map(([name, entry]) => `${name}@${entry.version}`)
      .sort()
      .join();
  return versions(marker) === versions(join(root, 'package-lock.json'));
}

export function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
