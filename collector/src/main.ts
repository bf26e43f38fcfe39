import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { httpInstrumentationMiddleware } from '@hono/otel';
import { configDigests } from '@vigie/schemas/config/digests';
import { Hono } from 'hono';
import { apiKeyDigests, keyText, tlsFilesOf, type CollectorConfig } from './config.ts';
import { createDirectory } from './normalise/directory.ts';
import { Forwarding } from './forward/forwarding.ts';
import { pieceSeal } from './forward/piece-seal.ts';
import { forwardRoutes } from './forward/routes.ts';
import { Health, healthRoutes } from './observe/health.ts';
import { createLogger } from './observe/log.ts';
import { Metrics } from './observe/metrics.ts';
import { Observers } from './observe/observers.ts';
import { startTracing, traceBlock } from './observe/tracing.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { lanes } from './reception.ts';
import { createHttpApp } from './receive/http.ts';
import { certificatePolicy } from './receive/client-certificate.ts';
import { listenHttps } from './receive/https.ts';
import { listenMllp, listenMllpTls } from './receive/mllp.ts';
import { startCensusPull } from './receive/census.ts';
import { startOrthancPull } from './receive/orthanc.ts';
import { tellOwn, tellStart, tellStop } from './receive/own.ts';
import { startProbes } from './receive/probe.ts';
import { startPrometheusPull } from './receive/prometheus.ts';
import { SourceLimits } from './receive/source-limits.ts';
import { listenSyslogTcp } from './receive/syslog-tcp.ts';
import { listenSyslogTls } from './receive/syslog-tls.ts';
import { listenSyslogUdp } from './receive/syslog-udp.ts';
import { Spool } from './spool/spool.ts';

/** How long an orderly stop may drain, ms; what is left waits on disk for the next start. */
const drainMs = 10_000;
const diskCheckMs = 5_000;

export interface Collector {
  readonly ports: {
    readonly http: number;
    readonly syslog: number;
    readonly syslogUdp: number;
    readonly syslogTls: number | undefined;
    readonly mllp: number;
    readonly httpTls: number | undefined;
    readonly mllpTls: number | undefined;
  };
  /** Stops receivers, stores what can be stored, closes the spool. */
  stop(): Promise<void>;
}

/**
 * The collector, from left to right: receivers → spool → worker (decode → normalise → seal) → store.
 * @param fatal told when nothing more can be stored by this process: it must end visibly
 * @throws when a port is in use, a key is missing, the spool cannot be opened
 */
export async function createCollector(
  config: CollectorConfig,
  fatal: (error: Error) => void
): Promise<Collector> {
  const { collector, dataFolder, group, host, ports } = config;
  const log = createLogger(config.logLevel, 'collector');
  const tracing = startTracing(config.otlpEndpoint, collector);
  const metrics = new Metrics();
  const observers = new Observers(metrics, log);

  const durable = new SharedArrayBuffer(lanes.length * Float64Array.BYTES_PER_ELEMENT);
  const spoolFolder = join(dataFolder, 'spool');
  // The spool wakes the pipeline, which needs the spool first.
  const wake = { pipeline: (): void => undefined };
  const spool = new Spool(spoolFolder, config.spool, durable, () => wake.pipeline());
  const health = new Health(spool);
  metrics.watchSpool(spool);

  const forwarding = new Forwarding(group, {
    spool: spool.environment,
    seal: pieceSeal(keyText(config, 'forward.key')),
    collector,
    observe: observers.forward,
    tell: (message, at) => tellOwn(spool, message, at),
    stray: (target, state) =>
      log.warn({ target, ...state }, 'messages wait for a target that vigie.yaml no longer names'),
    failed: (error) => log.error({ error: error.message }, 'the forward queues could not be looked over')
  });
  const forwardStatus = () => forwarding.status(Date.now());
  health.watchForwarding(forwardStatus);
  metrics.watchForwarding(forwardStatus);

  const pipeline = new Pipeline(
    {
      spoolFolder,
      keysFolder: join(dataFolder, 'keys'),
      collector,
      configText: config.groupText,
      configFile: config.groupFile,
      configVariables: config.variables,
      durable
    },
    spool.environment,
    config.store,
    {
      event(event) {
        if (event.kind === 'stored') forwarding.go();
        if (event.kind === 'stored') spool.drained(event.lane, event.plan.spoolBytes, event.plan.records);
        health.pipeline(event);
        observers.block(event);
        traceBlock(tracing.tracer, event);
      },
      death: (error) => log.error({ error: error.message }, 'the seal worker died and is replaced'),
      fatal
    }
  );
  wake.pipeline = () => pipeline.go();

  const pseudonymKey = Buffer.from(keyText(config, 'pseudonym.key'), 'hex');
  const directory = createDirectory(group, pseudonymKey);
  const limits = new SourceLimits(group, directory);
  const maxConnections = group.receivers.max_connections;
  const stream = { spool, collector, limits, maxConnections, observe: observers.stream };
  const systemOf = new Map(group.pulls.map((one) => [one.id, one.system]));
  const pull = {
    spool,
    directory,
    observe: {
      ...observers.pull,
      progress(id: string, done: number, of: number) {
        observers.pull.progress?.(id, done, of);
        health.pull(id, systemOf.get(id) ?? '', done, of);
      }
    }
  };
  const tcp = await listenSyslogTcp({ host, port: ports.syslog }, stream);
  const udp = await listenSyslogUdp({ host, port: ports.syslog === 0 ? tcp.port : ports.syslog }, stream);
  const tls =
    config.tls &&
    (await listenSyslogTls(
      { host, port: ports.syslogTls },
      { files: config.tls, policy: certificatePolicy(group) },
      { ...stream, observeTls: observers.tls('syslog') }
    ));
  const { http: ofHttp, http_tls: ofHttps, mllp: ofMllp, mllp_tls: ofMllps } = group.receivers;
  const mllp = await listenMllp({ host: ofMllp.host ?? host, port: ports.mllp }, stream);
  const mllps =
    ofMllps &&
    (await listenMllpTls(
      { host: ofMllps.host ?? host, port: ofMllps.port },
      { files: tlsFilesOf(config), policy: certificatePolicy(group, ofMllps.clients) },
      { ...stream, observeTls: observers.tls('mllp') }
    ));
  metrics.watchUdpDrops(() => udp.kernelDrops());
  if (!tls) log.warn('no certificate in keys/tls.crt or vigie.yaml: syslog over TLS is off');

  const app = new Hono();
  if (config.otlpEndpoint !== undefined) app.use('/v1/*', httpInstrumentationMiddleware());
  app.route('/', healthRoutes(health, metrics));
  app.route('/', forwardRoutes(forwarding, { ownKey: keyText(config, 'own.key'), collector }));
  const digests = apiKeyDigests(config);
  app.route(
    '/',
    createHttpApp({ config: group, digests, directory, limits, spool, collector, observe: observers.http })
  );
  const listener = getRequestListener(app.fetch);
  const server = createServer(listener);
  server.listen(ports.http, ofHttp.host ?? host);
  await once(server, 'listening');
  const https =
    ofHttps &&
    (await listenHttps(
      { host: ofHttps.host ?? host, port: ofHttps.port },
      // API keys tell who sends: a certificate is asked for only where vigie.yaml says so.
      { files: tlsFilesOf(config), policy: certificatePolicy(group, ofHttps.clients ?? 'optional') },
      { listener, maxConnections, observeTls: observers.tls('http') }
    ));

  await tellStart(spool, collector, configDigests(config.groupText, group), Date.now());
  const schedules = [
    startProbes(group.probes, pull),
    ...group.pulls.map((one) => {
      if (one.kind === 'orthanc') return startOrthancPull(one, pull);
      return one.kind === 'census'
        ? startCensusPull(one, pull)
        : startPrometheusPull(one, pull, group.metrics);
    })
  ];
  const disk = setInterval(() => {
    spool.checkDisk().catch((error: Error) => log.error({ error: error.message }, 'the disk cannot be read'));
  }, diskCheckMs);

  return {
    ports: {
      http: (server.address() as AddressInfo).port,
      syslog: tcp.port,
      syslogUdp: udp.port,
      syslogTls: tls?.port,
      mllp: mllp.port,
      httpTls: https?.port,
      mllpTls: mllps?.port
    },
    async stop() {
      health.stopping();
      clearInterval(disk);
      const receivers = [tcp, udp, mllp, tls, mllps, https].filter((one) => one !== undefined);
      const closed = once(server, 'close');
      server.close();
      setTimeout(() => server.closeAllConnections(), 1000).unref();
      await Promise.all([
        ...schedules.map((schedule) => schedule.stop()),
        ...receivers.map((receiver) => receiver.close()),
        forwarding.stop(),
        closed
      ]);
      await tellStop(spool, collector, Date.now()).catch((error: Error) => {
        log.error({ error: error.message }, 'the stop could not be written to the own lane');
      });
      await pipeline.stop(drainMs);
      await spool.close();
      await tracing.stop();
    }
  };
}
