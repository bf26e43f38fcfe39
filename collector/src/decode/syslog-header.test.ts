import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSyslogHeader } from './syslog-header.ts';

const receivedAt = Date.UTC(2026, 0, 2);
function read(frame: string) {
  const { bodyStart, sentAt, ...rest } = readSyslogHeader(Buffer.from(frame), receivedAt);
  const time = sentAt === null ? null : new Date(sentAt.wall - (sentAt.offset ?? 0) * 60_000).toISOString();
  return { ...rest, time, body: Buffer.from(frame).subarray(bodyStart).toString() };
}

describe('a header gives its fields and where the message starts', () => {
  test.each([
    [
      'RFC 5424',
      '<85>1 2026-11-24T08:05:00.123456+01:00 pacs app 42 IHE+RFC-3881 - <A/>',
      { form: 'rfc5424', hostname: 'pacs', appName: 'app', time: '2026-11-24T07:05:00.123Z', body: '<A/>' }
    ],
    [
      'structured data with quotes, brackets and tags in it',
      String.raw`<85>1 - h - - - [x a="]\"<b>"][y c="d"] <A/>`,
      { form: 'rfc5424', hostname: 'h', appName: '', time: null, body: '<A/>' }
    ],
    [
      'the sender’s own number',
      '<85>1 - h a - - [origin ip="10.0.0.1"][meta sequenceId="4711" sysUpTime="5"] <A/>',
      { form: 'rfc5424', hostname: 'h', appName: 'a', time: null, sequenceId: 4711, body: '<A/>' }
    ],
    [
      'no VERSION',
      '<85>2026-11-24T08:05:00Z h a - - - <A/>',
      { form: 'rfc5424', hostname: 'h', appName: 'a', time: '2026-11-24T08:05:00.000Z', body: '<A/>' }
    ],
    [
      'RFC 3164, of the year before the reception',
      '<13>Dec 31 23:59:58 h app[7]: <A/>',
      { form: 'rfc3164', hostname: 'h', appName: 'app', time: '2025-12-31T23:59:58.000Z', body: '<A/>' }
    ],
    [
      'RFC 3164 as rsyslog forwards RFC 5424: no colon',
      '<13>Jan  1 08:00:00 h app[7] <A/>',
      { form: 'rfc3164', hostname: 'h', appName: 'app', time: '2026-01-01T08:00:00.000Z', body: '<A/>' }
    ],
    ['a priority alone', '<13><A/>', { form: 'none', hostname: '', appName: '', time: null, body: '<A/>' }],
    ['no header', '<A/>', { form: 'none', hostname: '', appName: '', time: null, body: '<A/>' }],
    [
      'RFC 5424 without its priority',
      '1 2026-11-24T08:05:00Z h a - - - <A/>',
      { form: 'rfc5424', hostname: 'h', appName: 'a', time: '2026-11-24T08:05:00.000Z', body: '<A/>' }
    ],
    [
      'no such priority',
      '<999>1 - - - - - - <A/>',
      { form: 'none', hostname: '', appName: '', time: null, body: '<999>1 - - - - - - <A/>' }
    ],
    [
      'structured data that does not end',
      '<85>1 - h - - - [x a="<A/>',
      { form: 'none', hostname: '', appName: '', time: null, body: '<A/>' }
    ]
  ])('%s', (_, frame, expected) => {
    expect(read(frame)).toEqual(expected);
  });
});

test('any bytes have a header and a body', () => {
  const part = fc.constantFrom(
    '<85>',
    '1 ',
    '- ',
    '2026-11-24T08:05:00Z ',
    'Jan  1 08:00:00 ',
    '[a b="',
    '"]',
    'h ',
    '<A/>',
    '\\'
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 12 }), (parts) => {
      const frame = Buffer.from(parts.join(''));
      const { bodyStart } = readSyslogHeader(frame, receivedAt);
      expect(bodyStart).toBeGreaterThanOrEqual(0);
      expect(bodyStart).toBeLessThanOrEqual(frame.length);
    }),
    { numRuns: 2000 }
  );
});
