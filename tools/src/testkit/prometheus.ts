import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

/**
 * A real Prometheus that scrapes itself (job `prometheus`) and what it is given once a second, with its files below `folder`.
 * @param jobs job → `host:port` of an exporter
 */
export async function startPrometheus(
  folder: string,
  jobs: Readonly<Record<string, string>>
): Promise<{ readonly url: string; readonly address: string; stop(): Promise<void> }> {
  const home = join(folder, 'prometheus');
  mkdirSync(home, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const targets = Object.entries({ prometheus: address, ...jobs }).map(
    ([job, target]) => `- { job_name: ${job}, static_configs: [{ targets: ['${target}'] }] }`
  );
  writeFileSync(
    join(home, 'prometheus.yml'),
    `global: { scrape_interval: 1s }\nscrape_configs:\n${targets.join('\n')}\n`
  );
  const args = [
    `--config.file=${join(home, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(home, 'data')}`,
    `--web.listen-address=${address}`
  ];
  const child = spawn('prometheus', args, { stdio: 'ignore' });
  const url = `http://${address}`;
  await eventually(async () => (await fetch(`${url}/-/ready`)).ok);
  return {
    url,
    address,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
  };
}
