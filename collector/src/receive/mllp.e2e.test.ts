import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

const fixtures = join(import.meta.dirname, '../../fixtures');
/** What a real sender and a generator of a RIS's flow put on the wire, where the machine has it beside the repository. */
const captures = join(import.meta.dirname, '../../../../shared/peers/captures/hl7');
let engine: TestEngine;
let collector: TestCollector;

beforeAll(async () => {
  engine = await startTestEngine();
  const configText = readFileSync(join(fixtures, 'vigie.yaml'), 'utf8');
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const count = async (what: string): Promise<number> => {
  const [row] = await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${what}`);
  return Number(row?.n);
};

/** Writes the pieces one by one, ends, and returns the answers as text. */
async function exchange(pieces: readonly Buffer[]): Promise<string[]> {
  const socket = connect(collector.ports.mllp, '127.0.0.1');
  socket.setNoDelay(true);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  for (const [i, piece] of pieces.entries()) {
    socket.write(piece);
    // Pieces leave one by one, so that reads end where they end.
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1').split('\x1c\r').slice(0, -1);
}

/** Cuts at places that repeat from run to run, and fall everywhere: in marks, in characters, in several blocks. */
function cut(stream: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let seed = 20_261_124;
  for (let at = 0; at < stream.length;) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const size = 1 + (seed % 4 === 0 ? seed % 7 : seed % 3000);
    pieces.push(stream.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const message = (n: number) =>
  `MSH|^~\\&|RIS|NORD|VIGIE|GHT|20261124080500+0100||ORM^O01|N${n}|P|2.5.1||||||UNICODE UTF-8\rPID|1||${n}^^^GHT&1.2.250.1.999.10.1&ISO||ÉLÈVE^Zoé\rORC|NW|O${n}|F${n}\rOBR|1|O${n}|F${n}|X||||||||||||||P${n}\r`;

test('2,000 pipelined messages with splits and garbage: 2,000 acknowledgements in order, none lost or doubled', async () => {
  const garbage = [
    '\r\n', // blanks after a block
    'GET / HTTP/1.1\r\n\r\n',
    '\x1c\r', // an end without a beginning
    '\x0bMSH|^~\\&|RIS|cut off', // a block that the next one cuts off
    '\xff\xfe\x00'
  ];
  const blocks = Array.from({ length: 2000 }, (_, n) =>
    Buffer.concat([
      Buffer.from(n % 7 === 3 ? (garbage[n % garbage.length] ?? '') : '', 'latin1'),
      Buffer.from(`\x0b${message(n)}\x1c${n % 5 === 0 ? '' : '\r'}`)
    ])
  );
  const answers = await exchange(cut(Buffer.concat(blocks)));
  expect(answers.map((answer) => /\rMSA\|AA\|(N\d+)\r/.exec(answer)?.[1])).toEqual(
    Array.from({ length: 2000 }, (_, n) => `N${n}`)
  );
  await until(
    () => count("ops.exam_event WHERE startsWith(accession, 'P')"),
    (n) => n >= 2000
  );
  expect(await engine.rows(`SELECT count() AS n, uniqExact(accession) AS different FROM ops.exam_event`)).toEqual([{ n: 2000, different: 2000 }]); // prettier-ignore
  await until(
    () => count("audit.quarantine WHERE lane = 'ops' AND transport = 'mllp' AND reason = 'bad-hl7'"),
    (n) => n > 0
  );
});

test('messages of python3-hl7’s mllp_send are answered to its satisfaction, and stored', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-mllp-'));
  try {
    const file = join(folder, 'messages.hl7');
    writeFileSync(file, ['X1', 'X2', 'X3'].map((one) => message(0).replaceAll('|P0', `|${one}`)).join(''));
    const said = execFileSync(
      'mllp_send',
      ['--loose', '--file', file, '--port', String(collector.ports.mllp), '127.0.0.1'],
      { encoding: 'latin1', timeout: 30_000 }
    );
    expect(said.match(/MSA\|AA\|N0/g)).toHaveLength(3);
    await until(
      () => count("ops.exam_event WHERE startsWith(accession, 'X')"),
      (n) => n === 3
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

if (existsSync(captures))
  test('the flow of a RIS that a peer generates is read as its truth says', async () => {
    const files = readdirSync(join(captures, 'messages')).filter((name) => name.endsWith('.hl7'));
    const truth = readFileSync(join(captures, 'messages/truth.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; acc?: string; status?: string });
    const blocks = files.map((name) =>
      Buffer.concat([
        Buffer.from('\x0b'),
        readFileSync(join(captures, 'messages', name)),
        Buffer.from('\x1c\r')
      ])
    );
    const answers = await exchange(cut(Buffer.concat(blocks)));
    expect(answers.every((answer) => answer.includes('\rMSA|AA|'))).toBe(true);
    expect(answers).toHaveLength(files.length);
    const exams = truth.filter(({ acc }) => acc !== undefined);
    await until(
      () => count("ops.exam_event WHERE match(accession, '^A1000')"),
      (n) => n >= exams.length
    );
    const rows = await engine.rows<{ accession: string; milestone: string; n: number }>(
      `SELECT accession, milestone, count() AS n FROM ops.exam_event WHERE match(accession, '^A1000') GROUP BY accession, milestone ORDER BY accession, milestone`
    );
    const milestone = ({ type, status }: (typeof truth)[number]) =>
      type === 'ORU^R01' ? (status === 'F' ? 'signed' : 'drafted') : 'scheduled';
    const wanted = new Map<string, number>();
    for (const one of exams) {
      const key = `${one.acc} ${milestone(one)}`;
      wanted.set(key, (wanted.get(key) ?? 0) + 1);
    }
    expect(rows.map((row) => [`${row.accession} ${row.milestone}`, Number(row.n)])).toEqual(
      [...wanted].toSorted(([a], [b]) => (a < b ? -1 : 1))
    );
  });
