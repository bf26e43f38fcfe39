import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepting, freePort } from './ports.ts';

/** A real nginx in front of a DICOMweb server, that logs to a syslog receiver. */
export interface TestNginx {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts Debian's nginx.
 * @param log the `log_format` and `access_log` directives of docs/inputs/web-viewer.md; a client of a test says its address in X-Real-IP
 */
export async function startNginx(folder: string, upstream: string, log: string): Promise<TestNginx> {
  const home = join(folder, 'nginx');
  mkdirSync(home, { recursive: true });
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (one) => `${one}_temp_path ${home}/${one};`
  );
  const configuration = `worker_processes 1; daemon off; pid ${home}/pid; error_log ${home}/error.log warn;
events { worker_connections 128; }
http { ${temporary.join(' ')} client_max_body_size 100m;
${log}
server { listen 127.0.0.1:${port}; set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;
  location /dicom-web/ { proxy_pass ${upstream}; }
} }
`;
  const file = join(home, 'nginx.conf');
  writeFileSync(file, configuration);
  const child = spawn('nginx', ['-c', file, '-e', join(home, 'error.log'), '-p', home], { stdio: 'ignore' });
  await accepting(port);
  return {
    url: `http://127.0.0.1:${port}/dicom-web`,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGQUIT');
      await gone;
    }
  };
}
