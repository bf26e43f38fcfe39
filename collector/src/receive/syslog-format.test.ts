import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { describe, expect, test } from 'vitest';
import { judge } from '../judge.ts';
import { createDirectory } from '../normalise/directory.ts';
import { syslogFormat } from './syslog-format.ts';

describe('a frame is an access log when its message is a JSON object', () => {
  test.each([
    ['<182>Nov 24 07:05:00 web dicomweb: {"msec":1}', 'access-log'],
    ['<182>1 2026-11-24T07:05:00Z web dicomweb - - - {"msec":1}', 'access-log'],
    ['{"msec":1}', 'access-log'],
    ['<85>1 2026-11-24T07:05:00Z pacs app - - - <AuditMessage note=\'{"a":1}\'/>', 'syslog'],
    ['<85>1 2026-11-24T07:05:00Z pacs app - - [x a="{"] <AuditMessage/>', 'syslog'],
    ['<180>Nov 24 03:18:36 web dicomweberr: [warn] a client request body is buffered', 'syslog'],
    ['', 'syslog']
  ])('%s', (frame, format) => {
    expect(syslogFormat(Buffer.from(frame))).toBe(format);
  });
});

/** Lines that nginx sent to a syslog receiver in front of Orthanc, as netstrings; beside the project where they are there. */
const captures = ['nginx/access-syslog-udp.netstrings', 'ohif/ohif-access-syslog-udp.netstrings'].map(
  (name) => join(import.meta.dirname, '../../../../shared/peers/captures', name)
);

test.skipIf(!captures.every((file) => existsSync(file)))(
  'every line that nginx wrote in front of DICOMweb becomes a request, and its error log none',
  () => {
    const file = join(import.meta.dirname, '../../fixtures/vigie.yaml');
    const directory = createDirectory(parseConfig(readFileSync(file, 'utf8'), file), Buffer.alloc(32, 7));
    const frames = captures.flatMap((name) => netstrings(readFileSync(name)));
    const received = {
      transport: 'udp',
      peer: '10.10.3.4',
      source: '',
      receivedAt: 1_795_490_400_000
    } as const;
    const services: Record<string, number> = {};
    for (const raw of frames) {
      const format = syslogFormat(raw);
      if (raw.includes('dicomweberr:')) expect(format).toBe('syslog');
      if (format === 'syslog') continue;
      const verdict = judge({ ...received, raw, format }, directory);
      if (verdict.kind !== 'facts') throw new Error(`${verdict.reason}: ${verdict.detail}`);
      const text = JSON.stringify(verdict.facts);
      expect(text).not.toMatch(/MART|PatientName|drsmith|P700007/);
      for (const { table, row } of verdict.facts)
        if (table === 'ops.transfer') services[row.service] = (services[row.service] ?? 0) + 1;
    }
    expect(services).toMatchObject({ STOW: 3 });
    expect(services['WADO']).toBeGreaterThan(50);
    expect(services['HTTP'] ?? 0).toBe(0);
  }
);

function netstrings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const mark = bytes.indexOf(0x3a, at);
    const length = Number(bytes.toString('latin1', at, mark).trim());
    if (mark < 0 || !Number.isInteger(length)) break;
    found.push(bytes.subarray(mark + 1, mark + 1 + length));
    at = mark + 1 + length;
    while (bytes[at] === 0x2c || bytes[at] === 0x0a) at += 1;
  }
  return found;
}
