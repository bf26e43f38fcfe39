import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepting } from './ports.ts';

/** A real Apache httpd with one configuration. */
export interface TestApache {
  stop(): Promise<void>;
}

/**
 * Starts Debian's apache2 in the foreground with its files below `folder`.
 * @param modules names of modules beside those Debian builds in, such as `proxy_http`
 * @param settings the rest of the configuration, without `Listen`
 * @param port of 127.0.0.1; resolved once it accepts
 */
export async function startApache(
  folder: string,
  modules: readonly string[],
  settings: string,
  port: number
): Promise<TestApache> {
  const home = join(folder, 'apache');
  mkdirSync(home, { recursive: true });
  const [file, log] = [join(home, 'apache.conf'), join(home, 'error.log')];
  const load = ['mpm_event', 'authz_core', ...modules].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`
  );
  writeFileSync(
    file,
    `ServerName localhost
DefaultRuntimeDir ${home}
PidFile ${join(home, 'pid')}
ErrorLog ${log}
User www-data
Group www-data
Listen 127.0.0.1:${port}
${load.join('\n')}
${settings}
`
  );
  const child = spawn('apache2', ['-d', home, '-f', file, '-E', log, '-D', 'FOREGROUND'], {
    stdio: 'ignore'
  });
  const ended = once(child, 'exit').then(() => false);
  const started = await Promise.race([accepting(port).then(() => true), ended]);
  if (!started) throw new Error(`apache2 did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
    }
  };
}
