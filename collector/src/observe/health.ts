import { Hono } from 'hono';
import type { ForwardStatus } from '../forward/forwarder.ts';
import type { PipelineEvent } from '../pipeline/event.ts';
import { lanes, type Lane } from '../reception.ts';
import type { Spool } from '../spool/spool.ts';
import type { Metrics } from './metrics.ts';

/** What keeps the collector from being ready. */
export class Health {
  readonly #spool: Spool;
  readonly #parked = new Map<Lane, string>();
  readonly #failing = new Map<Lane, string>();
  readonly #pulls = new Map<
    string,
    { readonly system: string; readonly done: number; readonly of: number }
  >();
  #stopping = false;
  #forwarding: () => readonly ForwardStatus[] = () => [];

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  pipeline(event: PipelineEvent): void {
    if (event.kind === 'stored') {
      this.#parked.delete(event.lane);
      this.#failing.delete(event.lane);
    } else if (event.kind === 'failed') {
      const where = `${event.table}: ${event.message}`;
      if (event.verdict === 'park') this.#parked.set(event.lane, where);
      this.#failing.set(event.lane, where);
    }
  }

  /** Other repositories: told beside the rest, since a dead one keeps nothing from being ready. */
  watchForwarding(read: () => readonly ForwardStatus[]): void {
    this.#forwarding = read;
  }

  /** How far a pull is with what it has to catch up. */
  pull(id: string, system: string, done: number, of: number): void {
    this.#pulls.set(id, { system, done, of });
  }

  stopping(): void {
    this.#stopping = true;
  }

  /** Ready while messages are taken in and stored. */
  report() {
    const spool = Object.fromEntries(
      lanes.map((lane) => [
        lane,
        { ...this.#spool.waiting(lane), oldest_ms: this.#spool.oldestAgeMs(lane, Date.now()) }
      ])
    );
    const ready = !this.#stopping && !this.#spool.pressure && this.#parked.size === 0;
    return {
      ready,
      spool_full: this.#spool.pressure,
      parked: Object.fromEntries(this.#parked),
      failing: Object.fromEntries(this.#failing),
      spool,
      forwarding: this.#forwarding(),
      pulls: [...this.#pulls].map(([id, pull]) => ({ id, ...pull }))
    };
  }
}

/** `/livez`, `/readyz`, `/metrics`. */
export function healthRoutes(health: Health, metrics: Metrics): Hono {
  const routes = new Hono();
  routes.get('/livez', (context) => context.text('ok\n'));
  routes.get('/readyz', (context) => {
    const report = health.report();
    return context.json(report, report.ready ? 200 : 503);
  });
  routes.get('/metrics', async (context) => {
    context.header('content-type', metrics.registry.contentType);
    return context.body(await metrics.registry.metrics());
  });
  return routes;
}
