#!/usr/bin/env node
// npx vigie …: the operator's command. Plain JavaScript for Node 20: the rest runs under the Node that Vigie brings.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { install, node, root } from './install.mjs';

install();
const child = spawn(node, [join(root, 'tools', 'src', 'vigie', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit'
});
// A terminal's Ctrl-C reaches the child by itself; other senders reach this process alone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => process.stdin.isTTY || child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
