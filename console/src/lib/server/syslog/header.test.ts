import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSyslog } from './header.ts';

const read = (text: string) => readSyslog(Buffer.from(text));

test('RFC 5424: every part, structured data with its escapes, the message without its byte order mark', () => {
  const sd = '[ex@1 a="x\\"]y" b="2"][z@2]';
  expect(
    read(
      `<85>1 2026-11-24T08:05:00.123+01:00 pacs.example DEEPUNITY 7 IHE+RFC-3881 ${sd} \ufeff<AuditMessage/>`
    )
  ).toEqual({
    Pri: '85',
    Version: '1',
    Timestamp: '2026-11-24T08:05:00.123+01:00',
    Hostname: 'pacs.example',
    'App-name': 'DEEPUNITY',
    Procid: '7',
    'Msg-id': 'IHE+RFC-3881',
    'Structured-data': sd,
    Msg: '<AuditMessage/>'
  });
});

test('nil stays nil, a missing VERSION is left out', () => {
  expect(read('<13>2026-11-24T08:05:00Z - OpenEMR - - - x y')).toEqual({
    Pri: '13',
    Timestamp: '2026-11-24T08:05:00Z',
    Hostname: '-',
    'App-name': 'OpenEMR',
    Procid: '-',
    'Msg-id': '-',
    'Structured-data': '-',
    Msg: 'x y'
  });
});

test('RFC 3164, a priority alone, and no header at all', () => {
  expect(read('<85>Nov 24 08:05:00 pacs ris[12]: <AuditMessage/>')).toEqual({
    Pri: '85',
    Timestamp: 'Nov 24 08:05:00',
    Hostname: 'pacs',
    'App-name': 'ris',
    Procid: '12',
    Msg: '<AuditMessage/>'
  });
  expect(read('<85><AuditMessage/>')).toEqual({ Pri: '85', Msg: '<AuditMessage/>' });
  expect(read('<AuditMessage/>')).toEqual({ Msg: '<AuditMessage/>' });
});

test('bytes that are no UTF-8 are read as windows-1252', () => {
  expect(readSyslog(Buffer.from('<85><a>Zo\xe9</a>', 'latin1')).Msg).toBe('<a>Zoé</a>');
});

test('whatever arrives is told, and nothing of it is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const told = read(text);
      expect(text.endsWith(told.Msg)).toBe(true);
    })
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => typeof readSyslog(Buffer.from(bytes)).Msg === 'string')); // prettier-ignore
});
