import { createServer, type ServerResponse } from 'node:http';
import { pools, usedAt } from '../plan/storage.ts';
import type { World } from '../plan/world.ts';
import type { DicomServer } from './dicom.ts';

/** The simulated systems' web faces: `/systems/<id>/health`, and `/exporters/<id>/metrics` as node_exporter writes it. */
export async function serveHttp(
  port: number,
  world: World,
  stateOf: (system: string) => 'up' | 'down' | 'slow',
  now: () => number
): Promise<DicomServer> {
  const server = createServer((request, response) => {
    const [, kind, system = '', what] = (request.url ?? '').split('/');
    if (kind === 'systems' && what === 'health') return health(response, stateOf(system));
    if (kind === 'exporters' && what === 'metrics' && pools.some((pool) => pool.system === system)) {
      return void response
        .writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
        .end(metrics(world, system, now()));
    }
    response.writeHead(404).end('not simulated\n');
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  );
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}

function health(response: ServerResponse, state: 'up' | 'down' | 'slow'): void {
  if (state === 'down') return void response.writeHead(503).end('down\n');
  setTimeout(() => response.writeHead(200).end('ok\n'), state === 'slow' ? 1800 : 2);
}

function metrics(world: World, system: string, at: number): string {
  const mine = pools.filter((pool) => pool.system === system);
  const lines = (name: string, help: string, value: (pool: (typeof pools)[number]) => number) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...mine.map(
      (pool) =>
        `${name}{device="/dev/mapper/${pool.pool.toLowerCase()}",fstype="xfs",mountpoint="${pool.mountpoint}"} ${value(pool).toExponential()}`
    )
  ];
  const free = (pool: (typeof pools)[number]) => pool.capacity - usedAt(world, pool, at);
  return [
    ...lines('node_filesystem_avail_bytes', 'Filesystem space available to non-root users in bytes.', free),
    ...lines('node_filesystem_free_bytes', 'Filesystem free space in bytes.', free),
    ...lines('node_filesystem_size_bytes', 'Filesystem size in bytes.', (pool) => pool.capacity),
    ''
  ].join('\n');
}
