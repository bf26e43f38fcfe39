import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepting, freePort } from './ports.ts';

/** A real rsyslog that relays what it gets over TCP, as a hospital's relay does. */
export interface TestRsyslog {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts Debian's rsyslog, forwarding octet-counted over TLS to `target` and trusting its certificate. */
export async function startRsyslog(
  folder: string,
  target: {
    readonly port: number;
    readonly certificate: string;
    /** Client certificate and key to show. */
    readonly client?: { readonly certificate: string; readonly key: string };
  }
): Promise<TestRsyslog> {
  const home = join(folder, 'rsyslog');
  mkdirSync(home, { recursive: true });
  const port = await freePort();
  const shown = target.client
    ? `defaultNetstreamDriverCertFile="${target.client.certificate}" defaultNetstreamDriverKeyFile="${target.client.key}"`
    : '';
  const configuration = `
global(workDirectory="${home}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off" defaultNetstreamDriverCAFile="${target.certificate}" ${shown})
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="audit")
ruleset(name="audit") {
  action(type="omfwd" target="127.0.0.1" port="${target.port}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
    StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="vigie")
}
`;
  writeFileSync(join(home, 'rsyslog.conf'), configuration);
  const child = spawn('rsyslogd', ['-n', '-f', join(home, 'rsyslog.conf'), '-i', join(home, 'pid')], {
    stdio: 'ignore'
  });
  await accepting(port);
  return {
    port,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
  };
}
