import { createServer, type ServerResponse } from 'node:http';
import type { Pool } from '../group/pools.ts';
import { holdingsOf } from '../plan/holdings.ts';
import type { Health } from '../plan/health.ts';
import { dayOf } from '../plan/paris.ts';
import { stateOf } from '../plan/storage.ts';
import type { World } from '../plan/world.ts';
import { Random } from '../random.ts';
import { rangeOf } from './archive.ts';
import { listening, type Served } from './listening.ts';
import { answerQido } from './qido.ts';

const slowMs = 1800;

/**
 * The simulated systems' web faces: `/systems/<id>/health` (200, 503 while down, late while slow),
 * `/exporters/<id>/metrics` as node_exporter writes it, and `/archives/<id>/dicom-web/studies` as an archive answers QIDO-RS.
 * @throws EADDRINUSE
 */
export async function serveHttp(
  port: number,
  world: World,
  healthOf: (system: string) => Health,
  now: () => number
): Promise<Served> {
  const known = new Set(world.config.systems.map(({ id }) => id));
  const server = createServer((request, response) => {
    // Two slashes at its start are a path here, not a host.
    const address = `http://simulated${request.url ?? '/'}`;
    if (!URL.canParse(address)) return void response.writeHead(400).end('not an address\n');
    const { pathname, searchParams } = new URL(address);
    const [, kind, system = '', what] = pathname.split('/');
    const pools = world.pools.filter((pool) => pool.system === system);
    if (kind === 'systems' && what === 'health' && known.has(system))
      return health(response, healthOf(system));
    if (kind === 'exporters' && what === 'metrics' && pools.length > 0)
      return void response
        .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        .end(metrics(world, pools, now()));
    if (kind === 'archives' && pathname.endsWith('/dicom-web/studies') && known.has(system)) {
      if (healthOf(system) === 'down') return void response.writeHead(503).end('down\n');
      const dates = searchParams.get('StudyDate');
      if (dates !== null && !rangeOf(dates))
        return void response.writeHead(400).end('StudyDate is 20261124, or a range 20261101-20261124\n');
      const answer = answerQido(searchParams, (day) => holdingsOf(world, system, day, now()));
      return void response.writeHead(200, { 'content-type': 'application/dicom+json' }).end(answer);
    }
    response.writeHead(404).end('not simulated\n');
  });
  return listening(server, port, () => server.closeAllConnections());
}

function health(response: ServerResponse, state: Health): void {
  if (state === 'down') return void response.writeHead(503).end('down\n');
  setTimeout(() => response.writeHead(200).end('ok\n'), state === 'slow' ? slowMs : 2);
}

function metrics(world: World, pools: readonly Pool[], at: number): string {
  const states = pools.map((pool) => ({ pool, ...stateOf(world, pool, at) }));
  const gauge = (name: string, help: string, value: (one: (typeof states)[number]) => number) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...states.map((one) => {
      const { pool, mountpoint } = one.pool;
      const labels = `device="/dev/mapper/${pool.toLowerCase()}",fstype="xfs",mountpoint="${mountpoint}"`;
      return `${name}{${labels}} ${value(one).toExponential()}`;
    })
  ];
  const free = ({ capacity, used }: (typeof states)[number]) => capacity - used;
  return [
    ...gauge('node_filesystem_avail_bytes', 'Filesystem space available to non-root users in bytes.', free),
    ...gauge('node_filesystem_free_bytes', 'Filesystem free space in bytes.', free),
    ...gauge('node_filesystem_size_bytes', 'Filesystem size in bytes.', ({ capacity }) => capacity),
    ...selfTold(world, states, at),
    ''
  ].join('\n');
}

/** Bytes of a study, all modalities together. */
const studyBytes = 140e6;

/** What a product tells of itself: what it holds, its jobs, since when it runs. */
function selfTold(
  world: World,
  states: readonly { readonly pool: Pool; readonly used: number }[],
  at: number
): string[] {
  const used = states.reduce((sum, state) => sum + state.used, 0);
  const random = new Random(world.seed, 'jobs', states[0]?.pool.system ?? '', Math.floor(at / 60_000));
  const hour = new Date(at).getUTCHours();
  const busy = hour >= 7 && hour < 18 ? 1 : 0.2;
  const since = Date.parse(`${dayOf(at).slice(0, 7)}-01T02:00:00Z`);
  return [
    '# HELP imaging_studies Studies held.',
    '# TYPE imaging_studies gauge',
    `imaging_studies ${Math.round(used / studyBytes)}`,
    '# HELP imaging_jobs Jobs by state.',
    '# TYPE imaging_jobs gauge',
    `imaging_jobs{state="pending"} ${Math.round(random.whole(0, 14) * busy)}`,
    `imaging_jobs{state="running"} ${Math.round(random.whole(0, 4) * busy)}`,
    `imaging_jobs{state="failed"} ${random.whole(0, 1)}`,
    '# HELP imaging_uptime_seconds Seconds since the service was started.',
    '# TYPE imaging_uptime_seconds gauge',
    `imaging_uptime_seconds ${Math.max(0, Math.round((at - since) / 1000))}`
  ];
}
