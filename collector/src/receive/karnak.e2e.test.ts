import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The header of Karnak's export, all 33 columns in its order. */
const header = [
  'Forward aeTitle', 'Forward description', 'Destination hostname', 'Destination aeTitle', 'Destination port', 'Destination url',
  'Destination description', 'Patient Id Original', 'Patient Id To Send', 'Accession Number Original', 'Accession Number To Send',
  'Study Uid Original', 'Study Uid To Send', 'Study Description Original', 'Study Description To Send', 'Study Date Original',
  'Study Date To Send', 'Serie Uid Original', 'Serie Uid To Send', 'Serie Description Original', 'Serie Description To Send',
  'Serie Date Original', 'Serie Date To Send', 'Modality', 'Sop Class Uids', 'Instances', 'Retries', 'Sent', 'Errors', 'Excluded',
  'Reasons', 'First Seen', 'Last Seen'
]; // prettier-ignore
const row = (n: number, more: Record<string, string> = {}) => {
  const values: Record<string, string> = {
    'Forward aeTitle': 'KARNAK_1', 'Destination hostname': '10.1.4.9', 'Destination aeTitle': 'VNA', 'Destination port': '104',
    'Patient Id Original': '0012345', 'Study Description Original': 'TDM "thorax", avec injection', 'Study Uid Original': `1.2.250.1.999.${n}`,
    'Serie Uid Original': `1.2.250.1.999.${n}.1`, Modality: 'CT', 'Sop Class Uids': '1.2.840.10008.5.1.4.1.1.2', Instances: '212', Retries: '0',
    Sent: '212', Errors: '0', Excluded: '0', 'First Seen': '20/11/2026 08:05:00.000000', 'Last Seen': '20/11/2026 08:05:42.500000', ...more
  }; // prettier-ignore
  return line(header.map((name) => values[name] ?? ''));
};
/** As opencsv writes: everything in quotes, a quote doubled. */
const line = (cells: readonly string[], by = ',') =>
  cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(by);

let engine: TestEngine;
let collector: TestCollector;
beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

async function send(body: string | Buffer, more: Record<string, string> = {}) {
  const response = await fetch(`${collector.url}/v1/transfers/karnak`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': 'text/csv', ...more }
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const count = async (where = '1') =>
  Number((await engine.rows<{ n: number }>(`SELECT count() AS n FROM ops.transfer WHERE ${where}`))[0]?.n);

test('Karnak’s export becomes one transfer a series, and a row that cannot is named by line and column', async () => {
  const text = [
    line(header),
    row(1),
    row(2, { Sent: '200', Errors: '12', Reasons: 'Association timed out for DUPONT^Jean; retry' }),
    row(3, { Sent: 'many' }),
    row(4, { Sent: '0', Errors: '212', 'Destination aeTitle': '', 'Destination url': 'https://user:pw@dicomweb.example/studies?x=1' }),
    row(5, { 'Last Seen': 'yesterday' }),
    row(6, { Sent: '0', Errors: '0', Excluded: '212' })
  ].join('\n'); // prettier-ignore
  const answer = await send(text);
  expect(answer).toEqual({
    status: 200,
    body: {
      accepted: 4,
      rejected: 2,
      errors: [
        { line: 4, column: 'Sent', message: 'must be a whole number' },
        { line: 6, column: 'Last Seen', message: 'must be a time such as "24/11/2026 08:05:00.000000"' }
      ]
    }
  });
  await until(count, (n) => n === 4);
  expect(
    await engine.rows(
      `SELECT occurred_at, observer, grain, service, calling_ae, called_ae, to_system, modality, study, instances, failures, duration_ms, status, reason FROM ops.transfer ORDER BY seq`
    )
  ).toMatchObject([
    { occurred_at: '2026-11-20 07:05:00.000', observer: 'simulator', grain: 'reconstructed', service: 'C-STORE', calling_ae: 'KARNAK_1', called_ae: 'VNA', to_system: 'vna', modality: 'CT', study: '1.2.250.1.999.1', instances: 212, failures: 0, duration_ms: 42_500, status: 'success', reason: '' },
    { instances: 200, failures: 12, status: 'warning', reason: 'timeout' },
    { service: 'STOW', called_ae: 'dicomweb.example', to_system: '', instances: 0, failures: 212, status: 'failure', reason: 'error' },
    { instances: 0, failures: 0, status: 'warning', reason: 'excluded' }
  ]); // prettier-ignore
  const [told] = await engine.rows<{ text: string }>(
    `SELECT concat(toString((SELECT groupArray(tuple(*)) FROM ops.transfer)), toString((SELECT groupArray(tuple(*)) FROM audit.quarantine))) AS text`
  );
  expect(told?.text).not.toMatch(/DUPONT|0012345|thorax|user:pw/);
});

test('the same export again counts once, and a series that is still moving is not counted yet', async () => {
  const before = await count();
  const now = new Date();
  const [day = '', clock = ''] = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'medium'
  }).format(now).split(', '); // prettier-ignore
  const full = `${day.slice(0, 6)}${now.getUTCFullYear()} ${clock}`;
  const answer = await send(gzipSync([line(header), row(1), row(7, { 'Last Seen': full })].join('\r\n')), {
    'content-encoding': 'gzip'
  });
  expect(answer.body).toMatchObject({ accepted: 1, rejected: 1, errors: [{ line: 3, column: 'Last Seen' }] });
  await until(
    async () => (await engine.rows(`SELECT seq FROM audit.reception`)).length,
    (n) => n === 1
  );
  expect(await count()).toBe(before);
});

test('a large export goes through row by row', async () => {
  const rows = 20_000;
  const body = [
    line(header, ';'),
    ...Array.from({ length: rows }, (_, n) => row(1000 + n).replaceAll('","', '";"'))
  ];
  expect((await send(body.join('\n'))).body).toMatchObject({ accepted: rows, rejected: 0 });
  await until(() => count('study LIKE %s'.replace('%s', `'1.2.250.1.999.%'`)), (n) => n >= rows, 60_000); // prettier-ignore
});

test('what is no export is refused with what to do', async () => {
  expect((await send('a,b\n1,2\n')).body).toMatchObject({ code: 'karnak-header' });
  expect((await send(`${line(header)}\n"open`)).body).toMatchObject({ code: 'karnak-body' });
  expect((await send('{}', { 'content-type': 'application/json' })).status).toBe(415);
  expect((await send(line(header))).body).toMatchObject({ code: 'nothing-to-take' });
});

test('an upload that is cut half-way ends alone: what came is kept, and the collector still answers', async () => {
  const rows = Array.from({ length: 3000 }, (_, n) =>
    row(50_000 + n, { Instances: String(n), Sent: String(n) })
  );
  const plain = Buffer.from([line(header), ...rows].join('\n'));
  for (const [body, encoding] of [
    [gzipSync(plain), 'gzip'],
    [plain, 'identity']
  ] as const) {
    const { hostname, port } = new URL(collector.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const head = [
      'POST /v1/transfers/karnak HTTP/1.1', `Host: ${hostname}`, `Authorization: Bearer ${collector.simulatorKey}`,
      'Content-Type: text/csv', `Content-Encoding: ${encoding}`, `Content-Length: ${body.length}`, '', ''
    ]; // prettier-ignore
    socket.write(head.join('\r\n'));
    socket.write(body.subarray(0, body.length / 2));
    await pause(300);
    socket.destroy();
    await once(socket, 'close');
    await pause(300);
    expect((await fetch(`${collector.url}/livez`)).status, encoding).toBe(200);
  }
  const damaged = Buffer.concat([gzipSync(plain).subarray(0, 2000), Buffer.alloc(2000, 0xff)]);
  expect((await send(damaged, { 'content-encoding': 'gzip' })).status).toBe(400);
});

test('a large body that is refused at its beginning gets its answer', async () => {
  const rows = Array.from({ length: 50_000 }, (_, n) => row(n));
  const body = ['a,b', ...rows].join('\n');
  expect((await send(body)).body).toMatchObject({ code: 'karnak-header' });
  expect((await send(gzipSync(body), { 'content-encoding': 'gzip' })).body).toMatchObject({
    code: 'karnak-header'
  });
});
