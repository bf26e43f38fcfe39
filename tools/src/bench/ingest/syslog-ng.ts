import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepting, freePort } from '../../testkit/ports.ts';
import { rounded } from '../figures.ts';
import { cpuSeconds, peakMb } from '../process-cost.ts';
import type { Feeds } from './feed.ts';

/** Debian's syslog-ng with its XML parser: its package conflicts with rsyslog's, so it is unpacked rather than installed. */
const packages = [
  'syslog-ng-core',
  'syslog-ng-mod-xml-parser',
  'libivykis0',
  'libnet1',
  'libjson-c5',
  'libwrap0',
  'libpcre3'
];

export interface PeerRun {
  readonly messages_per_s: number;
  readonly cpu_s_per_million: number;
  readonly peak_mb: number;
}

/** Unpacks syslog-ng once into the user's cache. @returns its folder */
export function installSyslogNg(): string {
  const home = join(homedir(), '.cache', 'vigie', 'syslog-ng');
  if (existsSync(join(home, 'usr', 'sbin', 'syslog-ng'))) return home;
  const debs = join(home, 'debs');
  mkdirSync(debs, { recursive: true });
  try {
    execFileSync('apt-get', ['download', ...packages], { cwd: debs, stdio: 'pipe' });
  } catch (error) {
    throw new Error(
      'syslog-ng could not be fetched with apt-get download: run apt-get update first, on Debian 12.',
      { cause: error }
    );
  }
  for (const file of readdirSync(debs)) execFileSync('dpkg', ['-x', join(debs, file), home]);
  return home;
}

/**
 * Feeds syslog-ng: TCP → xml() → format-json → file, flow control on, no fsync. The rate runs from the first byte sent to the
 * last line written.
 */
export async function measureSyslogNg(
  home: string,
  { warmUp, feed }: Feeds,
  connections: number
): Promise<PeerRun> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-syslog-ng-'));
  const port = await freePort();
  const out = join(folder, 'out.json');
  writeFileSync(join(folder, 'syslog-ng.conf'), configuration(port, out));
  const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/syslog-ng'];
  const modules = readdirSync(join(home, 'usr', 'lib', 'syslog-ng')).find((name) => /^\d/.test(name)) ?? '';
  const child = spawn(
    join(home, 'usr', 'sbin', 'syslog-ng'),
    [
      ['-F', '--no-caps', '-f', join(folder, 'syslog-ng.conf')],
      [`--module-path=${join(home, 'usr', 'lib', 'syslog-ng', modules)}`],
      [`--persist-file=${join(folder, 'persist')}`, `--pidfile=${join(folder, 'pid')}`],
      [`--control=${join(folder, 'control')}`]
    ].flat(),
    {
      stdio: 'ignore',
      env: { ...process.env, LD_LIBRARY_PATH: libraries.map((path) => join(home, path)).join(':') }
    }
  );
  try {
    await accepting(port);
    const pid = child.pid ?? 0;
    await warmUp.send(port, connections);
    await untilStill(out);
    const before = cpuSeconds(pid);
    const started = performance.now();
    let finished = started;
    const { peaks } = await peakMb([pid], async () => {
      await feed.send(port, connections);
      finished = await untilStill(out);
    });
    const cpu = cpuSeconds(pid) - before;
    const all = Number(execFileSync('wc', ['-l', out], { encoding: 'utf8' }).split(' ')[0]);
    const lines = all - warmUp.messages;
    if (lines !== feed.messages)
      throw new Error(`syslog-ng wrote ${lines} lines of ${feed.messages} messages: the run says nothing.`);
    return {
      messages_per_s: Math.round(lines / ((finished - started) / 1000)),
      cpu_s_per_million: rounded((cpu / lines) * 1e6),
      peak_mb: rounded(peaks[0] ?? 0)
    };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until a file has not grown for a second. @returns when it last grew, on the clock of performance.now() */
async function untilStill(file: string): Promise<number> {
  let [size, since] = [-1, performance.now()];
  for (;;) {
    const now = existsSync(file) ? statSync(file).size : 0;
    if (now !== size) [size, since] = [now, performance.now()];
    else if (size > 0 && performance.now() - since > 1000) return since;
    await sleep(20);
  }
}

const configuration = (port: number, out: string): string => `@version: 3.38
options { keep-hostname(yes); chain-hostnames(no); use-dns(no); dns-cache(no); log-msg-size(262144); stats-freq(0); threaded(yes); };
source s { syslog(ip(127.0.0.1) port(${port}) transport("tcp") max-connections(100) log-iw-size(20000) log-fetch-limit(1000)); };
parser p { xml(prefix(".xml.") drop-invalid(no)); };
destination d { file("${out}" template("$(format-json --scope rfc5424 --exclude MESSAGE --exclude DATE --key ISODATE --key '.xml.*')\\n") log-fifo-size(200000)); };
log { source(s); parser(p); destination(d); flags(flow-control); };
`;
