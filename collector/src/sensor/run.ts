import type { Readable } from 'node:stream';
import { CaptureError } from './capture/capture-error.ts';
import type { SensorConfig } from './config.ts';
import { batchRecords, inBatches } from './report/batches.ts';
import { CountsDelivery } from './report/counts-delivery.ts';
import { Delivery } from './report/deliver.ts';
import { factsOf } from './report/facts.ts';
import { Outbox } from './report/outbox.ts';
import { Sensor } from './sensor.ts';

const flushMs = 1_000;
const countsMs = 60_000;
/** How often the collector is told what was counted. */
const reportMs = 300_000;
/** How long the last records are tried at the end; what is not taken waits on disk for the next start. */
const lastTryMs = 5_000;

interface Source {
  readonly stream: Readable;
  /** Packets the source says it lost. @throws {Error} when it ended of itself */
  end(): Promise<number>;
}

interface Terminal {
  say(sentence: string): void;
  print(line: string): void;
}

/**
 * Reads a capture to its end.
 * @returns exit code: 0, or 1 when the capture was damaged (what came before is told)
 */
export async function runSensor(config: SensorConfig, source: Source, terminal: Terminal): Promise<0 | 1> {
  let waiting: string[] = [];
  const outbox = config.print ? undefined : new Outbox(config.spool, config['spool-mb'] * 1_000_000);
  const delivery = outbox && new Delivery({ url: config.url, key: config.key, outbox, say: terminal.say });
  const reporting =
    outbox && new CountsDelivery({ url: config.url, key: config.key, say: terminal.say }, Date.now());
  let told = 0;
  const flush = () => {
    const lines = waiting;
    waiting = [];
    for (const batch of inBatches(lines)) outbox?.keep(batch);
  };
  const sensor = new Sensor(
    {
      ports: config.ports,
      mostConnections: config.connections,
      idleMs: config['idle-minutes'] * 60_000,
      sliceMs: config['slice-minutes'] * 60_000
    },
    (report) => {
      for (const fact of factsOf(report)) {
        told += 1;
        const line = JSON.stringify(fact);
        if (outbox === undefined) terminal.print(line);
        else waiting.push(line);
      }
      if (waiting.length >= batchRecords) flush();
    }
  );
  const counts = () => ({
    ...sensor.counts,
    connections_open: sensor.connectionsOpen,
    records: told,
    ...delivery?.counts,
    ...(outbox && { waiting: outbox.waiting, dropped_no_room: outbox.dropped })
  });
  /** Those that only grow: what is open or waits is a state. */
  const report = () => ({
    ...sensor.counts,
    refused: delivery?.counts.refused ?? 0,
    dropped_no_room: outbox?.dropped ?? 0
  });
  const sending = setInterval(() => {
    flush();
    void delivery?.send(Date.now());
  }, flushMs);
  const telling = setInterval(() => terminal.say(JSON.stringify(counts())), countsMs);
  const reports = setInterval(() => void reporting?.send(report(), Date.now()), reportMs);
  let damaged = false;
  try {
    for await (const chunk of source.stream) sensor.push(chunk as Buffer);
  } catch (error) {
    if (error instanceof CaptureError) {
      damaged = true;
      terminal.say(`vigie sensor: the capture ${error.message}. What came before is told.`);
    } else if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    clearInterval(sending);
    clearInterval(telling);
    clearInterval(reports);
    flush();
  }
  const rest = sensor.end();
  if (rest > 0 && !damaged) terminal.say(`vigie sensor: the capture ends within a packet (${rest} bytes).`);
  flush();
  const until = Date.now() + lastTryMs;
  while (delivery !== undefined && !(await delivery.send(Date.now())) && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 250));
  if (!damaged) sensor.counts.dropped_by_capture += await source.end();
  await reporting?.send(report(), Date.now());
  terminal.say(JSON.stringify(counts()));
  return damaged ? 1 : 0;
}
