import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { startApache, type TestApache } from '@vigie/tools/testkit/apache';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { makeStudy, startOrthanc, storescu, type TestOrthanc } from '@vigie/tools/testkit/orthanc';
import { freePort } from '@vigie/tools/testkit/ports';
import { root } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let orthanc: TestOrthanc;
let apache: TestApache;
let port: number;
let stow: Buffer<ArrayBuffer>;

/** What the document tells administrators to paste, in a server that takes a client's address from X-Real-IP. */
function documented(vigie: number): string {
  const text = readFileSync(join(root, 'docs/inputs/web-viewer.md'), 'utf8');
  const pasted = /^```apache\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
  return `RemoteIPHeader X-Real-IP
RemoteIPInternalProxy 127.0.0.1
AllowEncodedSlashes NoDecode
ProxyPass /dicom-web/ ${orthanc.url}/dicom-web/
ProxyPass /app/ ${orthanc.url}/app/
${pasted.replace('--server vigie.example --port 5514', `--server 127.0.0.1 --port ${vigie}`)}`;
}

beforeAll(async () => {
  engine = await startTestEngine();
  const configText = quietConfig().replace(/id: viewer\n/, "id: viewer\n    networks: ['127.0.0.1/32']\n");
  collector = await startTestCollector(engine, { configText });
  orthanc = await startOrthanc(engine.dataFolder, 'WEB', { dicomWeb: true });
  port = await freePort();
  const modules = ['unique_id', 'proxy', 'proxy_http', 'remoteip'];
  apache = await startApache(engine.dataFolder, modules, documented(collector.ports.syslogUdp), port);
  const study = await makeStudy(engine.dataFolder, 1, 'CT', '1.2.840.10008.5.1.4.1.1.2', 2);
  await storescu(orthanc, 'TRO_CT1', 'WEB', study.files);
  const other = await makeStudy(engine.dataFolder, 2, 'CT', '1.2.840.10008.5.1.4.1.1.2', 1);
  stow = Buffer.concat([
    Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n'),
    readFileSync(other.files[0] ?? ''),
    Buffer.from('\r\n--b--\r\n')
  ]);
});
afterAll(async () => {
  await apache?.stop();
  await orthanc?.stop();
  await collector?.stop();
  await engine?.stop();
});

interface Row {
  readonly service: string;
  readonly called_ae: string;
  readonly calling_ae: string;
  readonly site: string;
  readonly status: string;
  readonly status_code: string;
  readonly bytes: number;
  readonly duration_ms: number;
  readonly at: number;
}
const rows = () =>
  engine.rows<Row>(
    `SELECT service, called_ae, calling_ae, site, status, status_code, bytes, duration_ms, toUnixTimestamp64Milli(occurred_at) AS at FROM ops.transfer WHERE grain = 'request' AND source = 'viewer' ORDER BY occurred_at, seq`
  );

/** A request as bytes: what no client library would send. */
async function raw(head: string): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => (said += text));
  socket.write(Buffer.from(`${head}\r\nHost: web\r\nConnection: close\r\n\r\n`, 'latin1'));
  await once(socket, 'close');
  return said;
}

test('what a viewer asks of DICOMweb behind Apache is told by its access log, as the document says to send it', async () => {
  const began = Date.now();
  const study = '1.2.250.1.999.78.1';
  const web = `http://127.0.0.1:${port}/dicom-web`;
  const ask = async (client: string, path: string, init: RequestInit = {}) => {
    const headers = {
      'x-real-ip': client,
      'user-agent': 'OHIF/3.9',
      'accept-encoding': 'identity',
      ...init.headers
    };
    const response = await fetch(web + path, { ...init, headers });
    return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
  };
  const answered = [
    await ask('10.10.5.6', `/studies?PatientName=DUPONT*&limit=25`),
    await ask('10.10.5.6', `/studies/${study}/series`),
    await ask('10.10.5.6', `/studies/${study}/series/${study}.1/metadata`),
    await ask('10.10.5.6', `/studies/${study}/series/${study}.1/instances/${study}.1.1`, { headers: { accept: 'multipart/related; type="application/dicom"' } }),
    await ask('10.20.5.6', `/studies/${study}/series/${study}.1/instances/${study}.1.9/frames/1`),
    await ask('10.20.5.6', '/studies', { method: 'POST', body: stow, headers: { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' } })
  ]; // prettier-ignore
  // A page of the viewer is no request of DICOMweb, and is not sent.
  await fetch(`http://127.0.0.1:${port}/app/index.html`);
  const stored = await until(rows, (found) => found.length >= answered.length, 30_000);
  expect(stored.map(({ service, called_ae, site }) => [service, called_ae, site])).toEqual([
    ['QIDO', '/studies', 'troyes'],
    ['QIDO', '/studies/{study}/series', 'troyes'],
    ['WADO', '/studies/{study}/series/{series}/metadata', 'troyes'],
    ['WADO', '/studies/{study}/series/{series}/instances/{instance}', 'troyes'],
    ['WADO', '/studies/{study}/series/{series}/instances/{instance}/frames/{frames}', 'hpa'],
    ['STOW', '/studies', 'hpa']
  ]);
  expect(stored.map(({ status_code }) => Number(status_code))).toEqual(answered.map(({ status }) => status));
  stored.forEach(({ service, bytes }, i) =>
    expect(Number(bytes)).toBeGreaterThanOrEqual(service === 'STOW' ? stow.length : (answered[i]?.bytes ?? 0))
  );
  for (const { at, duration_ms, calling_ae } of stored) {
    expect(at).toBeGreaterThanOrEqual(began - 1);
    expect(at + Number(duration_ms)).toBeLessThanOrEqual(Date.now() + 1);
    expect(calling_ae).toContain('OHIF');
  }
});

test('quotes, control characters and bytes beyond ASCII in an address or a header make no line unreadable', async () => {
  const before = (await rows()).length;
  expect(await raw('GET /dicom-web/studies/1.2%22%0b%5cx41%5c/series HTTP/1.1\r\nUser-Agent: Weasis/4.5 "M\xe9lanie" \\')).toContain('HTTP/1.1'); // prettier-ignore
  const stored = await until(rows, (found) => found.length > before, 30_000);
  expect(stored.slice(before).map(({ service, calling_ae }) => [service, calling_ae])).toEqual([
    ['QIDO', expect.stringContaining('Weasis')]
  ]);
});

test('no name of a patient is in a row, a log line or the quarantine, and nothing is in quarantine', async () => {
  const [held] = await engine.rows<{ text: string; unread: number }>(
    `SELECT concat((SELECT toString(groupArray(tuple(*))) FROM ops.transfer), (SELECT toString(groupArray(tuple(*))) FROM audit.quarantine)) AS text, (SELECT count() FROM audit.quarantine) AS unread`
  );
  expect([held?.unread, held?.text.includes('DUPONT'), held?.text.includes('lanie')]).toEqual([
    0,
    false,
    false
  ]);
  expect(collector.process.output()).not.toContain('DUPONT');
});
