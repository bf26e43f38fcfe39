// npm start. Plain JavaScript for Node 20: it runs before anything is installed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { install, node, root } from './install.mjs';

install();
const child = spawn(node, [join(root, 'tools', 'src', 'start', 'main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit'
});
// Ctrl-C in a terminal reaches the child twice this way; it counts both as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
