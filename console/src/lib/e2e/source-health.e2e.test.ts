import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import { counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { launchBrowser, openPage, seriousViolations, signIn } from '@vigie/tools/testkit/browser';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { freePort } from '@vigie/tools/testkit/ports';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
let browser: Awaited<ReturnType<typeof launchBrowser>>;
let page: Awaited<ReturnType<typeof openPage>>['page'];

let start = 0;
/** One transfer of `instances` images as the PACS audits it, told `lateMs` after the act by a clock that is `aheadMs` ahead. */
function audited(n: number, instances: number, lateMs: number, aheadMs: number): Buffer {
  const xml = buildAuditMessage({
    event: dcm('110104', 'DICOM Instances Transferred'),
    action: 'C',
    outcome: 0,
    dateTime: new Date(start - lateMs).toISOString(),
    participants: [{ userId: 'TRO_CT1', requestor: true, roles: [dcm('110153', 'Source')] }],
    sourceId: 'DEEPUNITY',
    objects: [
      {
        id: `1.2.250.1.999.20.${n}`,
        idType: dcm('110180', 'Study Instance UID'),
        type: 2,
        role: 3,
        sopClasses: [{ uid: '1.2.840.10008.5.1.4.1.1.2', instances }]
      }
    ]
  });
  return counted(
    `<85>1 ${new Date(start + aheadMs).toISOString()} pacs.ght-aube.example DEEPUNITY - IHE+RFC-3881 [meta sequenceId="${n < 30 ? n + 1 : n + 11}"] ${xml}`
  );
}

const run = async (statement: string) => {
  const { status, text } = await engine.ask('writer', '', { method: 'POST', body: statement });
  expect(status, text).toBe(200);
};

beforeAll(async () => {
  engine = await startTestEngine();
  // A repository that does not answer: nothing listens on that port.
  const configText = `${quietConfig()}
forwarding:
  - { id: region, to: { kind: syslog-tls, host: 127.0.0.1, port: ${await freePort()} }, when: { sources: [deepunity], event_codes: ['110104'] } }
`;
  collector = await startTestCollector(engine, { configText });
  shown = await startTestConsole(engine, collector);
  browser = await launchBrowser();
  ({ page } = await openPage(browser));
  await signIn(page, shown.url, 'dsi', shown.passwords.get('dsi') ?? '');
  // Two weeks of history: the RIS speaks every ten minutes, and last spoke five hours ago.
  await run(
    `INSERT INTO ops.feed_minute (minute, lane, collector, block, source, transport, received, stored, last_at, retention)
     SELECT toStartOfMinute(now()) - toIntervalMinute(300 + number * 10) AS minute, 'audit', 'old', number, 'ris', 'tcp', 1, 1, minute, 'audit' FROM numbers(2200)`
  );
  start = Date.now();
  const messages = Array.from({ length: 40 }, (_, n) => audited(n, 5, 1_200_000, 1_200_000));
  await sendTcp(collector.ports.syslog, [
    ...messages,
    messages[0] ?? Buffer.alloc(0),
    counted('<85>1 - pacs.ght-aube.example DEEPUNITY - - - <Broken'),
    counted(`<85>1 - elsewhere STRANGER - - - ${'<AuditMessage/>'}`)
  ]);
  const answer = await fetch(`${collector.url}/v1/transfers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      records: [
        {
          occurred_at: new Date(start - 1_200_000).toISOString(),
          observer: 'deepunity',
          service: 'C-STORE',
          calling_ae: 'TRO_CT1',
          called_ae: 'DEEPUNITY',
          instances: 212,
          status: 'success'
        }
      ]
    })
  });
  expect(answer.status).toBe(200);
  await until(
    () =>
      engine.rows<{ n: number }>(
        "SELECT toUInt32(sum(received)) AS n FROM ops.feed_minute WHERE collector = 'c1' AND lane != 'own'"
      ),
    ([row]) => row?.n === 44
  );
});
afterAll(async () => {
  await browser?.close();
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

const open = async (path: string) => {
  await page.goto(`${shown.url}${path}`);
  await page.waitForLoadState('networkidle');
  // From the last one on: an open one is none of those that are counted.
  const closed = await page.locator('main details:not([open]) > summary').all();
  for (const summary of closed.toReversed()) await summary.click();
};
const rows = (id: string) =>
  page
    .locator(`#${id} tbody tr`)
    .evaluateAll((found) =>
      found.map((row) => [...row.children].map((cell) => cell.textContent.replaceAll(/\s+/g, ' ').trim()))
    );

test('a source that is quieter than its own rhythm is said to be, without any limit declared', async () => {
  // What waits at the collector is asked of it every few seconds.
  const settled = async () => {
    await open('/sources?period=24h');
    return rows('lanes');
  };
  await until(settled, ([access]) => access?.[4] === '0', 60_000);
  const ris = (await rows('sources')).find((row) => row[0] === 'RIS partagé');
  expect(ris?.[1]).toBe('muette');
  expect(ris?.[4]).toBe('10 min');
  const lanes = await rows('lanes');
  expect(lanes.map((row) => [row[0], row[2], row[3], row[4]])).toEqual([
    ['Accès', '43', '0', '0'],
    ['Exploitation', '1', '0', '0'],
    ['Vigie', expect.stringMatching(/^\d+$/), '0', '0']
  ]);
});

test('one source’s balance, delay, clock, reading and reasons are shown, and images moved against images audited', async () => {
  await open('/sources/deepunity?period=24h');
  expect(await rows('balance')).toEqual([
    ['Accès', '42', '40', '1', '1', '0', 'le compte est bon'],
    ['Exploitation', '1', '1', '0', '0', '0', 'le compte est bon']
  ]);
  const [delay, clock] = await rows('times');
  expect(delay?.[2]).toMatch(/^2\d min$/);
  expect(clock?.[2]).toMatch(/^−1\d min$|^−20 min$/);
  expect((await rows('spread')).find((row) => row[0] === '10 min à 1 h')?.[1]).toBe('40');
  expect(await rows('decoders')).toEqual([[expect.stringContaining('audit'), '40', expect.any(String)]]);
  expect(await rows('traits')).toEqual([
    ['En-tête syslog', 'rfc5424', '42'],
    ['Codes DICOM', 'csd-code', '41'],
    ['Codes DICOM', 'sans', '1']
  ]);
  // Numbers 31 to 40 never came.
  expect(await rows('sequences')).toEqual([['127.0.0.1 pacs.ght-aube.example DEEPUNITY', '40', '10', '0']]);
  expect((await rows('reasons'))[0]?.[1]).toBe('1');
  expect((await rows('moved'))[0]?.slice(1, 4)).toEqual(['212', '200', '-12']);
  expect(await seriousViolations(page)).toEqual([]);
  await open('/sources/deepunity?period=24h&lang=en');
  expect((await rows('balance'))[0]?.at(-1)).toBe('the count is right');
  expect(await seriousViolations(page)).toEqual([]);
  await open('/sources?lang=fr');
});

test('a row that is missing from the log breaks the balance of its source', async () => {
  await run(
    "ALTER TABLE audit.event DELETE WHERE has(studies, '1.2.250.1.999.20.7') SETTINGS mutations_sync = 2"
  );
  await open('/sources/deepunity?period=24h');
  expect((await rows('balance'))[0]).toEqual(['Accès', '42', '40 (retrouvés 39)', '1', '1', '0', 'écart']);
});

test('what one source tells of another is its own: a stranger has its page too', async () => {
  await open('/sources');
  const stranger = (await rows('sources')).find((row) => row[1] === 'non déclarée');
  expect(stranger?.[0]).toContain('elsewhere');
});

test('another repository that takes nothing is shown with what waits for it, and why', async () => {
  await open('/sources');
  const [row] = await rows('forwarding');
  expect(row?.[0]).toMatch(/^region 127\.0\.0\.1:\d+$/);
  expect(row?.[1]).toMatch(/^ne reçoit pas ECONNREFUSED/);
  expect(row?.slice(2, 4)).toEqual(['0', '40']);
  expect(await seriousViolations(page)).toEqual([]);
});
