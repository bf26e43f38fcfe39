import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

/** A real node_exporter that tells every mount point. */
export async function startNodeExporter(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const args = [
    `--web.listen-address=127.0.0.1:${port}`,
    '--collector.filesystem.mount-points-exclude=^$',
    '--collector.filesystem.fs-types-exclude=^$'
  ];
  const child = spawn('prometheus-node-exporter', args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/metrics`;
  await eventually(async () => (await fetch(url)).ok);
  return {
    url,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
  };
}
