import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepting } from './ports.ts';

/** A real nginx with one configuration. */
export interface TestNginx {
  stop(): Promise<void>;
}

/**
 * Starts Debian's nginx in the foreground with its files below `folder`.
 * @param http what stands within `http { … }`
 * @param port the port the configuration listens on; resolved once it accepts
 */
export async function startNginx(folder: string, http: string, port: number): Promise<TestNginx> {
  const home = join(folder, 'nginx');
  mkdirSync(home, { recursive: true });
  const below = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(home, name)};`
  );
  const file = join(home, 'nginx.conf');
  writeFileSync(
    file,
    `pid ${join(home, 'pid')}; error_log stderr error; events { worker_connections 256; }
http { access_log off; ${below.join(' ')}
${http}
}
`
  );
  const child = spawn('nginx', ['-e', 'stderr', '-p', home, '-c', file, '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe']
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const ended = once(child, 'exit').then(() => false);
  const started = await Promise.race([accepting(port).then(() => true), ended]);
  if (!started) throw new Error(`nginx did not start:\n${said}`);
  return {
    async stop() {
      child.kill('SIGQUIT');
      await ended;
    }
  };
}
