import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { createDirectory } from './normalise/directory.ts';
import { FrameSplitter } from './receive/frames.ts';
import type { Format } from './reception.ts';
import type { Verdict } from './verdict.ts';

const directory = createDirectory(
  parseConfig(readFileSync(join(import.meta.dirname, '../fixtures/vigie.yaml'), 'utf8'), 'vigie.yaml'),
  Buffer.alloc(32, 7)
);

/** One act, and how the sender tells it. */
interface Told {
  readonly outcome: 0 | 4 | 8 | 12;
  readonly patients: readonly number[];
  readonly studies: readonly number[];
  readonly minute: number;
  readonly coded: 'csd-code' | 'code' | 'mixed';
  readonly sourceType: 'child' | 'attribute' | 'text' | 'absent';
  readonly description: 'nested' | 'direct';
  readonly name: 'element' | 'attribute' | 'absent';
  readonly requestor: 'told' | 'alias' | 'absent';
  readonly zone: 'Z' | '+01:00' | '';
  readonly fraction: '' | '.5' | '.1234567' | '.123456789';
  readonly layout: '' | '\n' | '\r\n  ';
}

const told: fc.Arbitrary<Told> = fc.record({
  outcome: fc.constantFrom(0, 4, 8, 12),
  patients: fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { maxLength: 6 }),
  studies: fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { maxLength: 3 }),
  minute: fc.nat(59),
  coded: fc.constantFrom('csd-code', 'code', 'mixed'),
  sourceType: fc.constantFrom('child', 'attribute', 'text', 'absent'),
  description: fc.constantFrom('nested', 'direct'),
  name: fc.constantFrom('element', 'attribute', 'absent'),
  requestor: fc.constantFrom('told', 'alias', 'absent'),
  zone: fc.constantFrom('Z', '+01:00', ''),
  fraction: fc.constantFrom('', '.5', '.1234567', '.123456789'),
  layout: fc.constantFrom('', '\n', '\r\n  ')
});

const study = (n: number) => `1.2.250.1.999.30.${n}`;

/** The act as XML, by the dialect it is told in; element names bear `prefix`. */
function xmlOf(one: Told, prefix: string): string {
  let mixed = 0;
  const code = (element: string, value: string, system: string, text: string) => {
    const old = one.coded === 'code' || (one.coded === 'mixed' && mixed++ % 2 === 0);
    return old
      ? `<${prefix}${element} code="${value}" codeSystemName="${system}" displayName="${text}"/>`
      : `<${prefix}${element} csd-code="${value}" codeSystemName="${system}" originalText="${text}"/>`;
  };
  const time = `2026-11-24T08:${String(one.minute).padStart(2, '0')}:00${one.fraction}${one.zone}`;
  const requestor = { told: ' UserIsRequestor="true"', alias: ' IsRequestor="true"', absent: '' }[
    one.requestor
  ];
  const source = `${prefix}AuditSourceIdentification`;
  const sourceType = {
    child: `>${code('AuditSourceTypeCode', '1', 'DCM', 'End-user display')}</${source}>`,
    attribute: ` code="1" codeSystemName="DCM"/>`,
    text: `><${prefix}AuditSourceTypeCode>1</${prefix}AuditSourceTypeCode></${source}>`,
    absent: '/>'
  }[one.sourceType];
  const object = `${prefix}ParticipantObjectIdentification`;
  const described = (n: number) => {
    const parts = `<${prefix}Accession Number="A${n}"/><${prefix}SOPClass UID="1.2.840.10008.5.1.4.1.1.2" NumberOfInstances="2"/>`;
    const wrapper = `${prefix}ParticipantObjectDescription`;
    return one.description === 'nested' ? `<${wrapper}>${parts}</${wrapper}>` : parts;
  };
  const parts = [
    `<${prefix}EventIdentification EventActionCode="R" EventDateTime="${time}" EventOutcomeIndicator="${one.outcome}">`,
    code('EventID', '110103', 'DCM', 'DICOM Instances Accessed'),
    `</${prefix}EventIdentification>`,
    `<${prefix}ActiveParticipant UserID="zoé" UserName="Zoé MARTIN"${requestor}/>`,
    `<${source} AuditSourceID="VIEWER"${sourceType}`,
    ...one.studies.map(
      (n) =>
        `<${object} ParticipantObjectID="${study(n)}" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3">${code('ParticipantObjectIDTypeCode', '110180', 'DCM', 'Study')}${described(n)}</${object}>`
    ),
    ...one.patients.map((n) => {
      const name = `PATIENT^É${n}`;
      const attribute = one.name === 'attribute' ? ` ParticipantObjectName="${name}"` : '';
      const element =
        one.name === 'element'
          ? `<${prefix}ParticipantObjectName>${name}</${prefix}ParticipantObjectName>`
          : '';
      return `<${object} ParticipantObjectID="${n}^^^&amp;1.2.250.1.999.10.1&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1"${attribute}>${code('ParticipantObjectIDTypeCode', '2', 'RFC-3881', 'Patient Number')}${element}</${object}>`;
    })
  ];
  return `<${prefix}AuditMessage>${one.layout}${parts.join(one.layout)}${one.layout}</${prefix}AuditMessage>`;
}

/** What of an event's row the act decides. */
const expectedOf = (one: Told, zoneDefaultMs: number) => ({
  event_code: '110103',
  action: 'R',
  outcome: one.outcome,
  occurred_at:
    Date.UTC(2026, 10, 24, 8, one.minute, 0, Number(one.fraction.slice(1).padEnd(3, '0').slice(0, 3))) -
    (one.zone === 'Z' ? 0 : zoneDefaultMs),
  audit_source: 'VIEWER',
  studies: one.studies.map(study),
  accessions: one.studies.map((n) => `A${n}`),
  instances: one.studies.length === 0 ? null : one.studies.length * 2,
  patients: one.patients.length,
  requestors: [one.requestor === 'absent' ? 0 : 1]
});
const repairsOf = (one: Told) => [
  ...(one.requestor === 'alias' ? ['attribute-name'] : []),
  ...(one.name === 'attribute' && one.patients.length > 0 ? ['name-as-attribute'] : []),
  ...(one.requestor === 'absent' ? ['no-requestor-flag'] : []),
  ...(one.zone === '' ? ['no-zone'] : [])
];

function rowsOf(verdict: Verdict) {
  if (verdict.kind === 'quarantine') return [verdict.reason];
  expect(verdict.refused).toBeUndefined();
  return verdict.facts.map(({ table, row }) => {
    if (table !== 'audit.event') throw new Error(table);
    const { event_code, action, outcome, occurred_at, audit_source, studies, accessions, instances } = row;
    return {
      facts: {
        event_code,
        action,
        outcome,
        occurred_at,
        audit_source,
        studies,
        accessions,
        instances,
        patients: row.patients.length,
        requestors: row.participant_requestor
      },
      repairs: row.repairs
    };
  });
}

function judged(raw: Buffer, format: Format): Verdict {
  const reception = { raw, format, transport: 'tcp', peer: '192.0.2.7', source: '' } as const;
  return judge({ ...reception, receivedAt: Date.UTC(2026, 10, 24, 10) }, directory);
}

const bytesOf = {
  'utf-8': (text: string) => Buffer.from(text),
  'windows-1252': (text: string) => Buffer.from(text, 'latin1'),
  'utf-16': (text: string) => Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')])
};
const marks = {
  none: Buffer.alloc(0),
  bom: Buffer.from('\ufeff'),
  'bom and blanks': Buffer.from('\r\n\ufeff \n'),
  '?': Buffer.from('?'),
  'ï»¿': Buffer.from('ï»¿'),
  replacement: Buffer.from('\ufffd\ufffd\ufffd')
};
const transport = fc.record({
  count: fc.constantFrom('alone', 'wrapper', 'namespaced wrapper', 'envelope'),
  prefix: fc.constantFrom('', 'a:'),
  prolog: fc.constantFrom(
    '',
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    "<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?>",
    '<?xml version="1.0" encoding="US-ASCII"?>\r\n'
  ),
  encoding: fc.constantFrom('utf-8', 'windows-1252', 'utf-16'),
  mark: fc.constantFrom('none', 'bom', 'bom and blanks', '?', 'ï»¿', 'replacement'),
  header: fc.constantFrom(
    '',
    '<85>1 2026-11-24T08:05:02.123456+01:00 viewer.ght.example app 42 IHE+RFC-3881 - ',
    '<110>1 - - - - PDQIN [x a="b\\]"] ',
    '<85>2026-11-24T08:05:02Z viewer.ght.example app 42 IHE+DICOM - ',
    '<13>Nov 24 08:05:02 viewer app[42]: ',
    '<13>Nov 24 08:05:02 viewer app[42] ',
    '<85>1 2026-11-24T08:05:02Z viewer.ght.example app 42 AUDIT - \n',
    '<80>'
  ),
  framing: fc.constantFrom('octets', 'octets and line feed', 'line', 'datagram'),
  chunk: fc.integer({ min: 1, max: 4000 })
});

function documentOf(one: typeof transport extends fc.Arbitrary<infer T> ? T : never, acts: readonly Told[]) {
  const body = acts.map((act) => xmlOf(act, one.prefix)).join('\n');
  const namespace = one.prefix === '' ? '' : ' xmlns:a="urn:x-audit"';
  if (one.count === 'alone') return body.replace('AuditMessage>', `AuditMessage${namespace}>`);
  if (one.count === 'envelope')
    return `<s:Envelope xmlns:s="urn:x"${namespace}><s:Body>${body}</s:Body></s:Envelope>`;
  const wrapper = one.count === 'wrapper' ? 'AuditMessages' : 'w:AuditMessages';
  return `<${wrapper} xmlns:w="urn:x"${namespace}>${body}</${wrapper}>`;
}

test('every dialect by every transport gives the acts that were told, and names what was mended', () => {
  fc.assert(
    fc.property(fc.array(told, { minLength: 1, maxLength: 3 }), transport, (all, way) => {
      const acts = way.count === 'alone' ? all.slice(0, 1) : all;
      // UTF-16 has zero bytes, which lines cannot carry; an envelope ends where its first message does, in a line.
      const wide = way.encoding === 'utf-16';
      const framing = wide || way.count === 'envelope' ? 'octets' : way.framing;
      // Without a header the frame's first byte is the body's: a reader of streams knows `<` and a byte order mark.
      const mark = wide ? 'none' : way.header === '' && way.mark !== 'none' ? 'bom' : way.mark;
      const text = way.prolog + documentOf(way, acts);
      const frame = Buffer.concat([Buffer.from(way.header), marks[mark], bytesOf[way.encoding](text)]);

      const counted = Buffer.concat([Buffer.from(`${frame.length} `), frame]);
      const stream =
        framing === 'octets'
          ? counted
          : Buffer.concat([framing === 'line' ? frame : counted, Buffer.from('\n')]);
      const splitter = new FrameSplitter(1_000_000);
      const frames: { raw: Buffer }[] = framing === 'datagram' ? [{ raw: frame }] : [];
      if (framing !== 'datagram') {
        for (let at = 0; at < stream.length; at += way.chunk)
          frames.push(...splitter.push(stream.subarray(at, at + way.chunk)));
        frames.push(...splitter.end());
      }
      expect(frames.length).toBe(1);

      const onDocument = [
        ...(way.encoding === 'utf-8' ? [] : [`charset-${way.encoding}`]),
        ...(/^\?|ï|replacement/.test(mark) && way.header !== '<80>' ? ['mangled-bom'] : []),
        ...(way.encoding !== 'windows-1252' && /ISO|ASCII/.test(way.prolog) ? ['wrong-encoding'] : []),
        ...(way.count === 'envelope' ? ['foreign-wrapper'] : [])
      ];
      const verdict = judged(frames[0]?.raw ?? Buffer.alloc(0), 'syslog');
      expect(rowsOf(verdict)).toEqual(
        acts.map((act) => ({
          facts: expectedOf(act, 3_600_000),
          repairs: [...onDocument, ...repairsOf(act)].sort()
        }))
      );
    }),
    { numRuns: 3000 }
  );
});

test('of a message cut anywhere only what was whole is told, and it is marked', () => {
  const cut = fc.record({ act: told, at: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(cut, ({ act, at }) => {
      const whole = Buffer.from(xmlOf(act, ''));
      const full = judged(whole, 'audit-xml');
      const verdict = judged(whole.subarray(0, Math.floor(at * (whole.length - 1))), 'audit-xml');
      if (full.kind !== 'facts') throw new Error(full.detail);
      if (verdict.kind === 'quarantine') {
        expect(['no-xml', 'not-well-formed']).toContain(verdict.reason);
        return;
      }
      const names = new Set(full.identities.map(({ content }) => content));
      const [row, told] = [verdict.facts[0]?.row, full.facts[0]?.row];
      if (row === undefined || told === undefined || !('patients' in row) || !('patients' in told))
        throw new Error();
      expect(row.repairs).toContain('truncated');
      for (const key of ['patients', 'studies', 'accessions', 'object_id'] as const)
        expect(told[key].slice(0, row[key].length)).toEqual(row[key]);
      for (const { content } of verdict.identities)
        expect([...names].some((one) => one === content || one.startsWith(content.slice(0, -1)))).toBe(true);
    }),
    { numRuns: 2000 }
  );
});
