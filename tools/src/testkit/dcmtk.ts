import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepting, freePort } from './ports.ts';

/** Without Nagle's wait, which DCMTK leaves on. */
const env = { ...process.env, TCP_NODELAY: '1' };

/** A server of DCMTK. */
export interface DcmtkServer {
  readonly port: number;
  stop(): Promise<void>;
}

async function serve(program: string, args: (port: number) => string[]): Promise<DcmtkServer> {
  const port = await freePort();
  const child = spawn(program, args(port), { stdio: 'ignore', env });
  await accepting(port);
  return { port, stop: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** storescp, which takes whatever is stored, or does what its flags say: --refuse, --abort-during … */
export function startStorescp(folder: string, ...flags: string[]): Promise<DcmtkServer> {
  mkdirSync(folder, { recursive: true });
  return serve('storescp', (port) => ['-od', folder, ...flags, String(port)]);
}

/** dcmqrscp as archive "ARCHIVE"; it moves to the host "DEST" on the port given. */
export function startArchive(folder: string, destinationPort: number): Promise<DcmtkServer> {
  const store = join(folder, 'store');
  mkdirSync(store, { recursive: true });
  const file = join(folder, 'dcmqrscp.cfg');
  return serve('dcmqrscp', (port) => {
    writeFileSync(
      file,
      `NetworkTCPPort = ${port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
dest = (DEST, 127.0.0.1, ${destinationPort})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE ${store} RW (200, 1024mb) ANY
AETable END
`
    );
    return ['-c', file];
  });
}

/** Runs a client of DCMTK; how it ends says little (findscu ends well when it is aborted), so it is not looked at. */
export function dcmtk(program: string, ...args: string[]): Promise<void> {
  return new Promise((resolve, reject) =>
    execFile(program, args, { env }, (error) =>
      (error as NodeJS.ErrnoException | null)?.code === 'ENOENT' ? reject(error as Error) : resolve()
    )
  );
}

/** Starts a client and kills it without warning after a while, in the middle of what it does. */
export async function dcmtkKilled(afterMs: number, program: string, ...args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore', env });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await ended(child);
}
