import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { install, node, root } from './install.mjs';

install();
const child = spawn(node, [join(root, 'tools', 'src', 'start', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit'
});
// Ctrl-C reaches the child by itself, through the terminal; a signal sent to this process alone is passed on.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
