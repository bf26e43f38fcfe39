import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
beforeAll(async () => {
  engine = await startTestEngine();
  const configText = readFileSync(join(import.meta.dirname, '../../fixtures/vigie.yaml'), 'utf8');
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

/** One exam as a RIS tells it: each message with the minute it was written, of the hour it is about. */
type Tell = (accession: string) => string;
const day = (hour: number, minute: number) => `20261102${String(hour).padStart(2, '0')}${String(minute).padStart(2, '0')}00+0100`; // prettier-ignore
const message = (type: string, at: string, segments: (accession: string) => readonly string[]): Tell => (accession) =>
  [
    `MSH|^~\\&|RIS|NORD|VIGIE|GHT|${at}||${type}|${accession}-${at.slice(8, 12)}|P|2.5.1||||||UNICODE UTF-8`,
    `PID|1||${accession}^^^GHT&1.2.250.1.999.10.1&ISO^PI||DEMO^Anne`,
    'PV1|1|O',
    ...segments(accession)
  ].join('\r') + '\r'; // prettier-ignore
const order = (minute: number, control: string, status: string, began = '', ended = '') =>
  message('ORM^O01', day(8, minute), (a) => [`ORC|${control}|P${a}|F${a}||${status}||||${day(8, minute)}`, `OBR|1|P${a}|F${a}|CTCHEST|||${began}|${ended}||||||||||${a}||||||CT`]); // prettier-ignore
const appointment = (minute: number, trigger: string, hour: number, status = '') =>
  message(`SIU^${trigger}`, day(8, minute), (a) => [`SCH|R${a}||||||||||^^^${day(hour, 0)}${'|'.repeat(14)}${status}|P${a}|${a}`, 'RGS|1', `AIS|1||CTCHEST|${day(hour, 0)}`]); // prettier-ignore
const report = (minute: number, status: string, hour: number, addendum = false) =>
  message('ORU^R01', day(8, minute), (a) => [`ORC|RE|P${a}|F${a}`, `OBR|1|P${a}|F${a}|CTCHEST||||||||||||||${a}||||${day(hour, minute)}|||${status}`, `OBX|1|TX|18748-4${addendum ? '&ADT' : ''}^CR^LN||x||||||F`]); // prettier-ignore

const exam: readonly Tell[] = [
  order(0, 'NW', ''),
  appointment(1, 'S12', 10),
  appointment(2, 'S13', 11),
  appointment(3, 'S14', 11, 'ARRIVED'),
  order(4, 'XO', 'IP', day(11, 10)),
  order(5, 'XO', 'CM', day(11, 10), day(11, 25)),
  report(6, 'P', 12),
  report(7, 'F', 13),
  report(8, 'F', 14, true)
];
/** The same one cancelled after it had begun, and ordered again: what happened before is no step of it any more. */
const again: readonly Tell[] = [
  ...exam.slice(0, 5),
  order(10, 'CA', ''),
  order(20, 'NW', ''),
  appointment(21, 'S12', 15),
  order(22, 'XO', 'IP', day(15, 5))
];
const cancelled: readonly Tell[] = [...exam.slice(0, 3), order(10, 'CA', '')];
const stories = { exam, again, cancelled };
type Story = keyof typeof stories;

/** Sends blocks over one connection and waits for as many acknowledgements. */
async function send(texts: readonly string[]): Promise<void> {
  const socket = connect(collector.ports.mllp, '127.0.0.1');
  let answers = '';
  socket.on('data', (chunk) => (answers += chunk.toString('latin1')));
  for (const text of texts) socket.write(`\x0b${text}\x1c\r`);
  socket.end();
  await once(socket, 'close');
  expect(answers.match(/\rMSA\|AA\|/g)).toHaveLength(texts.length);
}
/** Until the exams know of so many messages. */
const stored = (count: number) =>
  until(
    () => engine.rows<{ n: number }>('SELECT toUInt32(sum(messages)) AS n FROM ops.exam FINAL'),
    ([row]) => row?.n === count,
    60_000
  );
const times = ['ordered', 'scheduled', 'appointment', 'arrived', 'started', 'ended', 'drafted', 'signed', 'cancelled']; // prettier-ignore
const rowOf = `day, site, outcome, modality, procedure_code, messages, ${times.map((one) => `${one}_at`).join(', ')}`;

test('an exam is one and the same row in whatever order, pieces and repeats its messages come', async () => {
  const order = fc.record({
    story: fc.constantFrom<Story>('exam', 'again', 'cancelled'),
    keys: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 }),
    rounds: fc.array(fc.nat(2), { minLength: 9, maxLength: 9 }),
    repeated: fc.array(fc.nat(8), { maxLength: 4 })
  });
  const drawn = fc.sample(order, { numRuns: 90, seed: 20_261_102 });
  const inOrder = (Object.keys(stories) as Story[]).map((story) => ({
    story,
    keys: [],
    rounds: [],
    repeated: []
  }));
  const told = [...inOrder, ...drawn].map(({ story, keys, rounds, repeated }, n) => {
    const accession = `${story}-${n}`;
    const sent = stories[story]
      .map((tell, i) => ({ text: tell(accession), key: keys[i] ?? i, round: rounds[i] ?? 0 }))
      .toSorted((a, b) => a.key - b.key);
    return [...sent, ...repeated.flatMap((i) => (sent[i] ? [{ ...sent[i], round: 2 }] : []))];
  }); // prettier-ignore
  const different = new Set<string>();
  for (const round of [0, 1, 2]) {
    const now = told.flatMap((one) => one.filter((sent) => sent.round === round).map(({ text }) => text));
    for (const text of now) different.add(text);
    await send(now);
    await stored(different.size);
  }
  const rows = await engine.rows<Record<string, unknown>>(
    `SELECT extract(accession, '^[a-z]+') AS story, ${rowOf}, count() AS exams FROM ops.exam FINAL GROUP BY story, ${rowOf} ORDER BY story`
  );
  const at = (hour: number, minute: number) => `2026-11-02 ${String(hour - 1).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00.000`; // prettier-ignore
  expect(rows).toMatchObject([
    { story: 'again', outcome: 'open', ordered_at: at(8, 20), scheduled_at: at(8, 21), appointment_at: at(15, 0), arrived_at: null, started_at: at(15, 5), ended_at: null, signed_at: null, cancelled_at: null, messages: 9 },
    { story: 'cancelled', outcome: 'cancelled', ordered_at: at(8, 0), appointment_at: at(11, 0), started_at: null, cancelled_at: at(8, 10), messages: 4 },
    { story: 'exam', outcome: 'done', ordered_at: at(8, 0), scheduled_at: at(8, 2), appointment_at: at(11, 0), arrived_at: at(8, 3), started_at: at(11, 10), ended_at: at(11, 25), drafted_at: at(12, 6), signed_at: at(13, 7), cancelled_at: null, messages: 9 }
  ]); // prettier-ignore
  expect(rows.reduce((sum, { exams }) => sum + Number(exams), 0)).toBe(told.length);
});
