import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A running tcpdump whose capture is read from `stream`. */
export interface Tcpdump {
  readonly stream: Readable;
  /** Ends it; the capture's last bytes still come. */
  stop(): void;
  /** Resolves when it has gone. @returns its exit code, and the packets it says the kernel dropped */
  readonly gone: Promise<{ readonly code: number | null; readonly dropped: number; readonly said: string }>;
}

export interface TcpdumpOptions {
  readonly program: string;
  readonly interface: string;
  /** Ports to capture; undefined for all of TCP. */
  readonly ports: ReadonlySet<number> | undefined;
  /** Kernel buffer in kilobytes. */
  readonly bufferKb: number;
}

/** Filter for tcpdump: the ports, tagged by a VLAN or not (a tag moves every offset, so it is asked for apart). */
function filterOf(ports: ReadonlySet<number> | undefined, name: string): string {
  const inner =
    ports === undefined ? 'tcp' : `tcp and (${[...ports].map((port) => `port ${port}`).join(' or ')})`;
  // On "any" the kernel takes tags off, and libpcap knows none.
  return name === 'any' ? inner : `(${inner}) or (vlan and ${inner})`;
}

/** Starts tcpdump on an interface, whole packets to its standard output, each as soon as it is there. */
export function startTcpdump({ program, interface: name, ports, bufferKb }: TcpdumpOptions): Tcpdump {
  const args = ['-i', name, '-n', '-s', '0', '-U', '-B', String(bufferKb), '-w', '-', filterOf(ports, name)];
  // A group of its own: a terminal's Ctrl-C is for the sensor, which then reads what is left.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let dropped = 0;
  let said = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    const told = /^(\d+) packets dropped by (?:kernel|interface)/.exec(line)?.[1];
    if (told === undefined) said = `${said}${line}\n`.slice(-2000);
    else dropped += Number(told);
  });
  return {
    stream: child.stdout,
    stop: () => void child.kill('SIGTERM'),
    gone: new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, dropped, said: error.message }));
      child.once('close', (code) => resolve({ code, dropped, said }));
    })
  };
}
