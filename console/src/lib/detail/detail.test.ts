import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detailsOf } from './told.ts';

const base64 = (value: string | Buffer) => Buffer.from(value).toString('base64');
const object = (inner: string) =>
  `<85>1 - - - - - - <AuditMessage><a:ParticipantObjectIdentification x="1">${inner}</a:ParticipantObjectIdentification></AuditMessage>`;
const detail = (type: string, value: string) => `<ParticipantObjectDetail type="${type}" value="${value}"/>`;

const text = (value: string) => Buffer.from(value.length % 2 === 0 ? value : `${value} `, 'latin1');
function element(group: number, number: number, vr: string, value: Buffer, explicit: boolean): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  if (explicit) {
    head.write(vr, 4, 'latin1');
    head.writeUInt16LE(value.length, 6);
  } else head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}
const step = (explicit: boolean) => {
  const item = element(0x40, 1, 'AE', text('CT1'), explicit);
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
  const tail = Buffer.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  const start = explicit
    ? Buffer.from([0x40, 0, 0, 1, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff])
    : Buffer.from([0x40, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
  return Buffer.concat([start, head, item, tail]);
};
const query = (explicit: boolean) =>
  Buffer.concat([
    element(0x08, 0x52, 'CS', text('STUDY'), explicit),
    element(0x10, 0x10, 'PN', text('DUPONT^Zoé'), explicit),
    element(0x10, 0x20, 'LO', text('0012345'), explicit),
    step(explicit)
  ]);
const lines = [
  '(0008,0052) QueryRetrieveLevel: STUDY',
  '(0010,0010) PatientName: DUPONT^Zoé',
  '(0010,0020) PatientID: 0012345',
  '(0040,0100) ScheduledProcedureStepSequence',
  '  (0040,0001) ScheduledStationAETitle: CT1'
].join('\n');

describe('a value is shown as what it is', () => {
  test.each([
    ['HL7', detail('HL7v2 Message', base64('MSH|^~\\&|A\rPID|1||42\r')), 'hl7', 'MSH|^~\\&|A\nPID|1||42'],
    ['text', detail('StudyDate', base64('20261124')), 'text', '20261124'],
    ['text in Latin-1', detail('x', base64(Buffer.from('Zoé', 'latin1'))), 'text', 'Zoé'],
    ['JSON', detail('x', base64('{"a":1}')), 'json', '{\n  "a": 1\n}'],
    ['XML', detail('x', base64('<QUPA a="1"/>')), 'xml', '<QUPA a="1"/>'],
    [
      'a URL',
      detail('x', base64('https://x.example/Patient?name=a')),
      'url',
      'https://x.example/Patient?name=a'
    ],
    ['a query string', detail('x', base64('?last_name=doe')), 'url', '?last_name=doe'],
    ['what should be base64 and is not', detail('last_name', 'doe &amp; co'), 'plain', 'doe & co'],
    ['a word that might be base64', detail('modality', 'CTMR'), 'plain', 'CTMR'],
    ['bytes', detail('x', base64(Buffer.alloc(60, 0x81))), 'binary', ''],
    [
      'wrapped base64 in a query',
      `<ParticipantObjectQuery>\n  TVNIfF5+\n  XCZ8QQ1QSUR8\n</ParticipantObjectQuery>`,
      'hl7',
      'MSH|^~\\&|A\nPID|'
    ]
  ])('%s', (_, inner, kind, shown) => {
    expect(detailsOf(object(inner))).toMatchObject([{ kind, text: shown, cut: false }]);
  });
});

test.each([
  ['implicit, untold', '', query(false)],
  ['implicit', '1.2.840.10008.1.2', query(false)],
  ['explicit', '1.2.840.10008.1.2.1', query(true)],
  ['deflated', '1.2.840.10008.1.2.1.99', deflateRawSync(query(true))],
  ['explicit, told as implicit', '1.2.840.10008.1.2', query(true)]
])('a C-FIND identifier is read by its transfer syntax: %s', (_, syntax, bytes) => {
  const told = syntax === '' ? '' : detail('TransferSyntax', base64(syntax));
  const found = detailsOf(object(`<ParticipantObjectQuery>${base64(bytes)}</ParticipantObjectQuery>${told}`));
  expect(found[0]).toMatchObject({ kind: 'dicom', text: lines });
});

test('details of a FHIR AuditEvent are read too', () => {
  const event = {
    resourceType: 'AuditEvent',
    entity: [
      {
        query: base64('name=a&birthdate=b'),
        detail: [{ type: 'MSH-10', valueBase64Binary: base64('4711') }]
      },
      { detail: [{ type: 'x', valueString: 'in clear already' }] }
    ]
  };
  expect(detailsOf(JSON.stringify(event))).toMatchObject([
    { kind: 'url', text: 'name=a&birthdate=b' },
    { name: 'MSH-10', kind: 'text', text: '4711' }
  ]);
  const xml = `<AuditEvent xmlns="http://hl7.org/fhir"><entity><query value="${base64('name=a')}"/><detail><type value="MSH-10"/><valueBase64Binary value="${base64('4711')}"/></detail></entity></AuditEvent>`;
  const prefixed = xml
    .replaceAll(/<(\/?)(?=\w)/g, '<$1f:')
    .replace('xmlns=', 'xmlns:f=')
    .replaceAll('"', "'");
  for (const document of [xml, prefixed])
    expect(detailsOf(document)).toMatchObject([
      { kind: 'url', text: 'name=a' },
      { name: 'MSH-10', kind: 'text', text: '4711' }
    ]);
});

test('so are those of an audit document in a JSON record', () => {
  expect(detailsOf(JSON.stringify({ xml: object(detail('x', base64('a'))) }))).toMatchObject([{ text: 'a' }]);
});

test('what is large is cut, or only told', () => {
  expect(detailsOf(object(detail('x', base64('a b '.repeat(10_000)))))[0]).toMatchObject({
    cut: true,
    size: 40_000
  });
  expect(detailsOf(object(detail('x', base64('a'.repeat(2_000_000)))))[0]).toMatchObject({
    kind: 'large',
    text: ''
  });
  expect(detailsOf(object(detail('x', 'YQ==').repeat(500))).length).toBe(200);
});

test('any bytes are read or told as bytes', () => {
  const syntaxes = [
    '',
    '1.2.840.10008.1.2',
    '1.2.840.10008.1.2.1',
    '1.2.840.10008.1.2.2',
    '1.2.840.10008.1.2.1.99'
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...syntaxes), (bytes, syntax) => {
      const value = base64(Buffer.from(bytes));
      const told = `<ParticipantObjectQuery>${value}</ParticipantObjectQuery>${detail('TransferSyntax', syntax)}`;
      for (const one of detailsOf(object(told))) expect(one.text.length).toBeLessThan(20_000);
    }),
    { numRuns: 5000 }
  );
});
