import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { finished } from 'node:stream/promises';
import type { SimulatorConfig } from './config.ts';
import { planDay } from './plan/day.ts';
import type { Happening } from './plan/event.ts';
import { addDays, dayOf } from './plan/paris.ts';
import { World } from './plan/world.ts';
import { Players } from './send/players.ts';
import { auditEvent } from './write/fhir.ts';
import { octetFrame, syslogMessage } from './write/syslog.ts';

export const loadKinds = ['audit', 'fhir', 'hl7', 'transfers'] as const;
export type LoadKind = (typeof loadKinds)[number];

export interface LoadOptions {
  readonly kind: LoadKind;
  /** Messages a second, of all connections together; 0 for as fast as they are taken. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface LoadReport {
  readonly kind: LoadKind;
  readonly messages: number;
  readonly seconds: number;
  readonly messages_per_s: number;
  /** From handing a batch over to its acknowledgement; for syslog, which has none, until the network took it. */
  readonly latency_p50_ms: number;
  readonly latency_p95_ms: number;
  readonly latency_max_ms: number;
}

const largestBatch = 500;
const pulseMs = 20;
const progressMs = 1000;

/** Sends messages of one kind at a rate, over several connections, and tells what was reached. No two are the same. */
export async function load(config: SimulatorConfig, options: LoadOptions): Promise<LoadReport> {
  const source = stock(new World(config.group, config.seed), options.kind);
  const players = Array.from(
    { length: options.connections },
    () => new Players(config.target, options.kind === 'fhir' ? 'fhir' : 'syslog')
  );
  const latencies: number[] = [];
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let [sent, saidAt] = [0, 0];
  await Promise.all(
    players.map(async (player) => {
      const share = options.rate / options.connections;
      for (let mine = 0; elapsed() < options.seconds && !options.signal.aborted;) {
        const due =
          options.rate === 0 ? largestBatch : Math.min(largestBatch, Math.floor(elapsed() * share) - mine);
        if (due <= 0) {
          await sleep(pulseMs);
          continue;
        }
        const batch = take(source, due);
        const before = performance.now();
        await player.send(batch);
        latencies.push(performance.now() - before);
        mine += due;
        sent += due;
        if (performance.now() - saidAt < progressMs) continue;
        saidAt = performance.now();
        options.progress(`${sent} messages, ${Math.round(sent / elapsed())}/s`);
      }
      await player.close();
    })
  );
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0);
  return {
    kind: options.kind,
    messages: sent,
    seconds: round(elapsed()),
    messages_per_s: Math.round(sent / elapsed()),
    latency_p50_ms: at(0.5),
    latency_p95_ms: at(0.95),
    latency_max_ms: at(1)
  };
}

/** Writes messages as they would go over the wire: octet-counted frames, MLLP blocks, JSON lines. */
export async function writeLoad(
  group: SimulatorConfig['group'],
  seed: number,
  { kind, count, file }: { readonly kind: LoadKind; readonly count: number; readonly file: string }
): Promise<void> {
  const source = stock(new World(group, seed), kind);
  const out = createWriteStream(file);
  await once(out, 'open');
  for (let left = count; left > 0; left -= largestBatch) {
    const frames = take(source, Math.min(left, largestBatch))
      .map((one) => frameOf(one, kind))
      .join('');
    if (!out.write(frames)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

function frameOf(one: Happening, kind: LoadKind): string {
  switch (one.kind) {
    case 'audit':
      if (kind === 'fhir') return `${JSON.stringify(auditEvent(one.message))}\n`;
      return octetFrame(syslogMessage(one.by, one.message));
    case 'hl7':
    case 'web':
      return `\x0b${one.text}\x1c\r`;
    case 'otlp':
      return `${JSON.stringify(one.point)}\n`;
    case 'json':
      return `${JSON.stringify(one.record)}\n`;
  }
}

const round = (value: number) => Math.round(value * 100) / 100;

function take(source: Iterator<Happening>, count: number): Happening[] {
  const list: Happening[] = [];
  while (list.length < count) {
    const { value, done } = source.next();
    if (done) return list;
    list.push(value);
  }
  return list;
}

const isOf = (one: Happening, kind: LoadKind) =>
  kind === 'transfers'
    ? one.kind === 'json' && one.feed === 'transfers'
    : one.kind === (kind === 'fhir' ? 'audit' : kind);

/** Messages of one kind without end: the days before today, one after the other. */
function* stock(world: World, kind: LoadKind): Generator<Happening> {
  const today = dayOf(Date.now());
  for (let back = 1; ; back++)
    for (const { make } of planDay(world, addDays(today, -back), today, { probes: false })) {
      const one = make();
      if (isOf(one, kind)) yield one;
    }
}
