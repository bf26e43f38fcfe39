import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import type { CollectorConfig } from './config.ts';
import { Health, healthRoutes } from './observe/health.ts';
import { createLogger, type Logger } from './observe/log.ts';
import { Metrics } from './observe/metrics.ts';
import { startTracing, traceBlock } from './observe/tracing.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import type { WorkerEvent } from './pipeline/worker.ts';
import { lanes, type Reception } from './reception.ts';
import type { SyslogObserver } from './receive/syslog-connection.ts';
import { listenSyslogTcp } from './receive/syslog-tcp.ts';
import { listenSyslogTls } from './receive/syslog-tls.ts';
import { listenSyslogUdp } from './receive/syslog-udp.ts';
import { Spool } from './spool/spool.ts';

/** How long an orderly stop may drain, ms; what is left waits on disk for the next start. */
const drainMs = 10_000;

export interface Collector {
  readonly ports: {
    readonly http: number;
    readonly syslog: number;
    readonly syslogUdp: number;
    readonly syslogTls: number | undefined;
    readonly mllp: number;
  };
  stop(): Promise<void>;
}

/**
 * The collector, from left to right: receivers → spool → worker (decode → normalise → seal → store).
 * @param onFatal told when the worker cannot be kept alive: the process must end visibly
 */
export async function createCollector(config: CollectorConfig, onFatal: () => void): Promise<Collector> {
  const log = createLogger(config.logLevel, 'collector');
  const metrics = new Metrics();
  const tracing = startTracing(config.otlpEndpoint, config.collector);
  const durable = new SharedArrayBuffer(lanes.length * 8);
  // The spool wakes the pipeline, which needs the spool's folder to exist first.
  let pipeline: Pipeline | undefined;
  const spool = new Spool(join(config.dataFolder, 'spool'), config.spool, durable, () => pipeline?.go());
  const health = new Health(spool);
  metrics.watchSpool(spool);

  const onEvent = (event: WorkerEvent) => {
    metrics.pipeline(event);
    health.pipeline(event);
    traceBlock(tracing.tracer, event);
    if (event.kind === 'stored') spool.drained(event.lane, event.plan.spoolBytes);
    logBlock(log, event);
  };
  pipeline = new Pipeline(
    {
      spoolFolder: join(config.dataFolder, 'spool'),
      keysFolder: join(config.dataFolder, 'keys'),
      collector: config.collector,
      configText: config.groupText,
      configFile: config.groupFile,
      configVariables: config.variables,
      store: config.store,
      durable
    },
    {
      event: onEvent,
      death: (error) => log.error({ error: error.message }, 'the seal worker died'),
      fatal: onFatal
    }
  );

  const { max_message_bytes: maxMessageBytes, max_connections: maxConnections } = config.group.receivers;
  const syslog = { spool, maxMessageBytes, maxConnections, observe: withLog(metrics, log) };
  const listening: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(receiver: T): T => {
    listening.push(receiver);
    return receiver;
  };
  const tcp = keep(await listenSyslogTcp({ host: config.host, port: config.ports.syslog }, syslog));
  const udp = keep(
    await listenSyslogUdp(
      { host: config.host, port: config.ports.syslog === 0 ? tcp.port : config.ports.syslog },
      syslog
    )
  );
  metrics.watchUdpDrops(() => udp.kernelDrops());
  const tls =
    config.tls &&
    keep(await listenSyslogTls({ host: config.host, port: config.ports.syslogTls }, config.tls, syslog));
  if (!tls)
    log.warn(
      'no certificate: syslog over TLS is off. Put tls.crt and tls.key into the keys folder, or name them in vigie.yaml'
    );

  const disk = setInterval(
    () =>
      void spool
        .checkDisk()
        .catch((error: Error) => log.error({ error: error.message }, 'the disk cannot be read')),
    5000
  );
  await tellOwn(spool, config.collector, 'start');

  const app = new Hono().route('/', healthRoutes(health, metrics));
  const server = createServer(getRequestListener(app.fetch));
  server.listen(config.ports.http, config.host);
  await once(server, 'listening');
  const { port: http } = server.address() as AddressInfo;

  return {
    ports: { http, syslog: tcp.port, syslogUdp: udp.port, syslogTls: tls?.port, mllp: 0 },
    async stop() {
      health.stopping();
      clearInterval(disk);
      await Promise.all(listening.map((receiver) => receiver.close()));
      await tellOwn(spool, config.collector, 'stop');
      server.closeIdleConnections();
      await pipeline.stop(drainMs);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await spool.close();
      await tracing.stop();
    }
  };
}

/** Application Start and Stop (DICOM PS3.15 A.5.3.1) of the collector itself, in the own lane. */
async function tellOwn(spool: Spool, collector: string, what: 'start' | 'stop'): Promise<void> {
  const xml = buildAuditMessage({
    event: dcm('110100', 'Application Activity'),
    eventTypes: [what === 'start' ? dcm('110120', 'Application Start') : dcm('110121', 'Application Stop')],
    action: 'E',
    outcome: 0,
    dateTime: new Date().toISOString(),
    participants: [
      { userId: `vigie-collector-${collector}`, requestor: false, roles: [dcm('110150', 'Application')] }
    ],
    sourceId: 'VIGIE'
  });
  const reception: Reception = {
    raw: Buffer.from(xml),
    format: 'own-audit',
    transport: 'http',
    peer: '127.0.0.1',
    source: 'vigie',
    receivedAt: Date.now()
  };
  await spool.append([reception]);
}

/** Metrics, and a line in the log for what someone has to mend. */
function withLog(metrics: Metrics, log: Logger): SyslogObserver {
  const observe = metrics.syslog;
  return {
    ...observe,
    refused(transport, reason, peer) {
      observe.refused(transport, reason, peer);
      log.warn({ transport, reason, peer }, 'a syslog connection was refused or broke');
    }
  };
}

/** One wide line a block. */
function logBlock(log: Logger, event: WorkerEvent): void {
  if (event.kind === 'flushed') return;
  if (event.kind === 'failed') {
    const { lane, verdict, table, message } = event;
    return log.error({ lane, verdict, table, error: message }, 'a block could not be stored');
  }
  const { lane, plan, ms } = event;
  const { first, last, records, counts, from, to } = plan;
  log.info({ lane, block: first, last, records, counts, from, to, ms: Math.round(ms) }, 'block stored');
}
