import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ForwardStatus } from '../forward/forwarder.ts';
import type { PipelineEvent } from '../pipeline/event.ts';
import { lanes } from '../reception.ts';
import type { SyslogObserver } from '../receive/syslog-connection.ts';
import type { Spool } from '../spool/spool.ts';

/** Sources that get a label of their own; the others share one, so that a sender cannot fill the memory with names. */
const maxSources = 500;

/** Everything the collector counts. Every stage reports received, sent, failed and dropped. */
export class Metrics {
  readonly registry = new Registry();
  readonly #stage = new Counter({
    name: 'vigie_stage_records_total',
    help: 'Records by stage and what became of them: received, sent, failed, dropped',
    labelNames: ['stage', 'source', 'outcome'] as const,
    registers: [this.registry]
  });
  readonly #bytes = new Counter({
    name: 'vigie_received_bytes_total',
    help: 'Bytes received by transport',
    labelNames: ['transport'] as const,
    registers: [this.registry]
  });
  readonly #refused = new Counter({
    name: 'vigie_refused_total',
    help: 'Connections or messages refused by transport and reason',
    labelNames: ['transport', 'reason'] as const,
    registers: [this.registry]
  });
  readonly #limited = new Counter({
    name: 'vigie_limited_total',
    help: 'Times a sender was beyond its rate: its connection was read later, or its datagram was lost',
    labelNames: ['transport', 'source'] as const,
    registers: [this.registry]
  });
  readonly #forwarded = new Counter({
    name: 'vigie_forward_total',
    help: 'Messages by target: sent, or refused by it for good',
    labelNames: ['target', 'outcome'] as const,
    registers: [this.registry]
  });
  readonly #connections = new Gauge({
    name: 'vigie_connections',
    help: 'Open connections by transport',
    labelNames: ['transport'] as const,
    registers: [this.registry]
  });
  readonly #lag = new Gauge({
    name: 'vigie_lag_seconds',
    help: 'Time from reception to store of the newest stored record, by lane',
    labelNames: ['lane'] as const,
    registers: [this.registry]
  });
  readonly #block = new Histogram({
    name: 'vigie_block_store_seconds',
    help: 'Time to store one block, by lane',
    labelNames: ['lane'] as const,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry]
  });
  readonly #parked = new Gauge({
    name: 'vigie_parked',
    help: '1 while a lane keeps everything and stores nothing because ClickHouse refuses it',
    labelNames: ['lane'] as const,
    registers: [this.registry]
  });
  readonly #certificate = new Gauge({
    name: 'vigie_tls_certificate_not_after_seconds',
    help: 'When the certificate of the syslog TLS receiver expires, seconds since 1970',
    registers: [this.registry]
  });
  readonly #rotations = new Counter({
    name: 'vigie_tls_reloads_total',
    help: 'Replacements of certificate, key or authorities by outcome: used, kept (the new files do not fit)',
    labelNames: ['outcome'] as const,
    registers: [this.registry]
  });
  readonly #pullDone = new Gauge({
    name: 'vigie_pull_done',
    help: 'Changes or days that a pull has read, of those it knew of when its turn began',
    labelNames: ['pull'] as const,
    registers: [this.registry]
  });
  readonly #pullOf = new Gauge({
    name: 'vigie_pull_of',
    help: 'Changes or days that a pull had to read when its turn began',
    labelNames: ['pull'] as const,
    registers: [this.registry]
  });
  readonly #sources = new Set<string>();

  constructor() {
    for (const lane of lanes) this.#parked.set({ lane }, 0);
  }

  progress(pull: string, done: number, of: number): void {
    this.#pullDone.set({ pull }, done);
    this.#pullOf.set({ pull }, of);
  }

  /** Gauges that are read from the spool when asked. */
  watchSpool(spool: Spool): void {
    new Gauge({
      name: 'vigie_spool_bytes',
      help: 'Bytes received and not yet stored, by lane',
      labelNames: ['lane'],
      registers: [this.registry],
      collect() {
        for (const lane of lanes) this.set({ lane }, spool.waiting(lane).bytes);
      }
    });
    new Gauge({
      name: 'vigie_spool_oldest_seconds',
      help: 'Age of the oldest record that is not yet stored, by lane',
      labelNames: ['lane'],
      registers: [this.registry],
      collect() {
        for (const lane of lanes) this.set({ lane }, spool.oldestAgeMs(lane, Date.now()) / 1000);
      }
    });
    new Gauge({
      name: 'vigie_spool_pressure',
      help: '1 while receivers take in nothing because the spool is full',
      registers: [this.registry],
      collect() {
        this.set(spool.pressure ? 1 : 0);
      }
    });
  }

  /** What waits for other repositories, read when asked. */
  watchForwarding(read: () => readonly ForwardStatus[]): void {
    const gauge = (name: string, help: string, of: (one: ForwardStatus) => number) =>
      new Gauge({
        name,
        help,
        labelNames: ['target'],
        registers: [this.registry],
        collect() {
          for (const one of read()) this.set({ target: one.id }, of(one));
        }
      });
    gauge('vigie_forward_pending', 'Messages that wait for a target', (one) => one.pending);
    gauge('vigie_forward_pending_bytes', 'Bytes that wait for a target', (one) => one.pending_bytes);
    gauge(
      'vigie_forward_oldest_seconds',
      'Age of the oldest message that waits',
      (one) => one.oldest_ms / 1000
    );
    gauge('vigie_forward_up', '0 while a target takes nothing', (one) => (one.error === null ? 1 : 0));
    gauge(
      'vigie_forward_skipped',
      'Messages not queued because the queue was full, or taken out because they had waited too long',
      (one) => one.skipped
    );
    gauge(
      'vigie_forward_withdrawn',
      'Messages taken out of the queue because they were erased, unlinked or purged',
      (one) => one.withdrawn
    );
    gauge('vigie_forward_expired', 'Messages that had waited as long as they may', (one) => one.expired);
    gauge(
      'vigie_forward_unfit',
      'Messages a rule wanted in a form the target cannot take',
      (one) => one.unfit
    );
  }

  forwarded(target: string, outcome: 'sent' | 'refused', messages: number): void {
    this.#forwarded.inc({ target, outcome }, messages);
  }

  /** A gauge read from the kernel when asked. */
  watchUdpDrops(read: () => Promise<number | undefined>): void {
    new Gauge({
      name: 'vigie_syslog_udp_kernel_drops',
      help: 'Datagrams the kernel dropped before they could be read',
      registers: [this.registry],
      async collect() {
        const drops = await read();
        if (drops !== undefined) this.set(drops);
      }
    });
  }

  source(name: string): string {
    if (this.#sources.has(name)) return name;
    if (this.#sources.size >= maxSources) return 'others';
    this.#sources.add(name);
    return name;
  }

  /** Counts records of one stage. */
  stage(
    stage: 'receive' | 'seal' | 'store',
    source: string,
    outcome: 'received' | 'sent' | 'failed' | 'dropped',
    records = 1
  ): void {
    if (records > 0) this.#stage.inc({ stage, source: this.source(source), outcome }, records);
  }

  /** For the syslog receivers, whose source is known only once decoded: the transport stands for it. */
  get syslog(): SyslogObserver {
    return {
      received: (transport, records, bytes) => {
        this.stage('receive', `syslog-${transport}`, 'received', records);
        this.stage('receive', `syslog-${transport}`, 'sent', records);
        this.#bytes.inc({ transport }, bytes);
      },
      connection: (transport, change) => this.#connections.inc({ transport }, change),
      refused: (transport, reason) => this.refused(transport, reason),
      limited: (transport, sender) => this.#limited.inc({ transport, source: this.source(sender) })
    };
  }

  receivedBytes(transport: string, bytes: number): void {
    this.#bytes.inc({ transport }, bytes);
  }

  refused(transport: string, reason: string): void {
    this.#refused.inc({ transport, reason });
  }

  certificate(notAfter: Date): void {
    this.#certificate.set(notAfter.getTime() / 1000);
  }

  tlsReload(outcome: 'used' | 'kept'): void {
    this.#rotations.inc({ outcome });
  }

  /** Counts what the pipeline tells. */
  pipeline(event: PipelineEvent): void {
    if (event.kind === 'stored') {
      const { lane, plan, ms } = event;
      for (const [source, counts] of Object.entries(plan.counts)) {
        this.stage('seal', source, 'received', counts.received);
        this.stage('seal', source, 'sent', counts.stored);
        this.stage('seal', source, 'failed', counts.quarantined);
        this.stage('seal', source, 'dropped', counts.duplicate);
        this.stage('store', source, 'sent', counts.stored);
      }
      this.#lag.set({ lane }, Math.max(0, Date.now() - plan.to) / 1000);
      this.#block.observe({ lane }, ms / 1000);
      this.#parked.set({ lane }, 0);
    } else if (event.kind === 'failed') {
      this.stage('store', `lane-${event.lane}`, 'failed');
      this.#parked.set({ lane: event.lane }, event.verdict === 'park' ? 1 : 0);
    }
  }
}
