import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from './judge.ts';
import { createDirectory } from './normalise/directory.ts';
import { formats, type Format, type Reception } from './reception.ts';
import type { Verdict } from './verdict.ts';

const folder = join(import.meta.dirname, '../fixtures');
const directory = createDirectory(
  parseConfig(readFileSync(join(folder, 'vigie.yaml'), 'utf8'), 'fixtures/vigie.yaml'),
  Buffer.alloc(32, 7)
);

const formatOf: Record<string, Format> = { xml: 'audit-xml', syslog: 'syslog', hl7: 'hl7' };

function received(raw: Buffer, format: Format, source = ''): Reception {
  return { raw, format, transport: 'tcp', peer: '10.10.3.4', source, receivedAt: Date.UTC(2026, 10, 24, 8) };
}

/** The verdict as its expected.json writes it: bytes in hexadecimal, what is empty or null left out, traits tested below. */
function shown({ traits: _, ...verdict }: Verdict): unknown {
  if (verdict.kind === 'quarantine') return verdict;
  const { canonical, facts, identities, refused: parts = [], ...rest } = verdict;
  const rows = facts.map(({ table, row }) => ({ table, ...told(row) }));
  const named = identities.map(({ key: _key, ...identity }) => identity);
  const verdictOf = { ...rest, identities: named, refused: parts };
  return plain({ ...told(verdictOf), facts: rows, canonical_bytes: canonical.length });
}

function told(row: object): object {
  const empty = (value: unknown) =>
    value === '' || value === null || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(row).filter(([, value]) => !empty(value)));
}

/** As JSON has it, with Buffers (whose toJSON has run before a replacer sees them) in hexadecimal and wide integers as text. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === 'bigint') return String(part);
      return typeof part === 'object' &&
        part !== null &&
        'type' in part &&
        part.type === 'Buffer' &&
        'data' in part
        ? Buffer.from(part.data as number[]).toString('hex')
        : part;
    })
  );
}

describe('every fixture gives the verdict it expects', () => {
  const cases = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && readdirSync(join(folder, entry.name)).includes('expected.json')
  );
  test.each(cases.map(({ name }) => name))('%s', (name) => {
    const files = readdirSync(join(folder, name));
    const input = files.find((file) => file.startsWith('input.')) ?? '';
    const kind = input.split('.')[1] ?? '';
    const format = formatOf[kind] ?? formats.find((one) => one === kind);
    if (format === undefined) throw new Error(`${name}: "${input}" names no format`);
    const raw = readFileSync(join(folder, name, input));
    const expected: unknown = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
    expect(shown(judge(received(raw, format), directory))).toEqual(expected);
  });
});

test.each([
  'audit-csd-code/input.xml',
  'hl7-orm-ordered/input.hl7',
  'hl7-siu-booked/input.hl7',
  'hl7-adt-merge-two/input.hl7',
  'hl7-oru-pdf/input.hl7',
  'hl7-tlr-accepted/input.hl7',
  'json-exam/input.json-exams.json',
  'json-exam-told-in-full/input.json-exams.json',
  'fhir-study/input.fhir-json',
  'fhir-study-xml/input.fhir-xml',
  'fhir-contained/input.fhir-xml'
])('a mutated %s gives facts or a reason, never an exception, and never its text', (file) => {
  const raw = readFileSync(join(folder, file));
  const kind = file.split('.')[1] ?? '';
  const format = formatOf[kind] ?? formats.find((one) => one === kind) ?? 'audit-xml';
  const edit = fc.record({
    at: fc.nat(raw.length - 1),
    cut: fc.nat(40),
    put: fc.uint8Array({ maxLength: 12 })
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let bytes = raw;
      for (const { at, cut, put } of edits)
        bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
      const verdict = judge(received(bytes, format), directory);
      if (verdict.kind === 'facts') return;
      expect(verdict.detail).not.toMatch(/BERTHIER|MARTIN|HAMID|DEMO|Hoda|dlegrand|0012345/);
      expect(verdict.detail).not.toMatch(/^the decoder failed/);
    }),
    { numRuns: 2000 }
  );
});

test.each(['|', '^', '~', '&', '\\', '\r', '\rOBX|', '\rPID|||1~', '\x0b'])(
  'an HL7 message of nothing but "%s" is judged like any other',
  (mark) => {
    const [pid, orc] = ['PID|||1^^^GHT&1.2.250.1.999.10.1&ISO', 'ORC|NW|O1|F1\rOBR|1|O1|F1|X'];
    const head = 'MSH|^~\\&|RIS|NORD|VIGIE|GHT|20261124080500+0100||ORM^O01|1|P|2.5.1';
    const many = mark.repeat(3_000_000 / mark.length);
    for (const text of [`${head}\r${pid}${many}\r${orc}`, `${head}\r${pid}\r${orc}${many}`, `MSH${many}`]) {
      const verdict = judge(received(Buffer.from(text), 'hl7'), directory);
      expect(verdict.kind === 'facts' || !verdict.detail.startsWith('the decoder failed')).toBe(true);
    }
  }
);

test('of one message 64 patients are taken, and more are said to be', () => {
  const text = readFileSync(join(folder, 'hl7-adt-merge-two/input.hl7'), 'latin1');
  const message = (patients: number) =>
    text.split(/\r(?=PID)/)[0] + // what comes before the first patient
    Array.from({ length: patients }, (_, n) => `\rPID|1||N${n}^^^GHT\rMRG|M${n}^^^GHT`).join('');
  const taken = (patients: number) => {
    const verdict = judge(received(Buffer.from(message(patients)), 'hl7'), directory);
    if (verdict.kind !== 'facts') throw new Error(verdict.detail);
    const [visit] = verdict.facts.flatMap((fact) => (fact.table === 'ops.visit_event' ? [fact.row] : []));
    return [verdict.identities.length, visit?.merged, verdict.repairs];
  };
  expect(taken(64)).toEqual([128, 64, []]);
  expect(taken(65)).toEqual([128, 64, ['patients-cut']]);
  expect(taken(15_000 / 2)).toEqual([128, 64, ['patients-cut']]);
});

test.each([
  ['Patient', true],
  [' titulaire ', true],
  ['patient transporter', false],
  ['Pat. services', false],
  ['PROXY-ARC', false]
])('whoever has the role "%s" is taken for a patient: %s', (role, patient) => {
  const text = readFileSync(join(folder, 'audit-portal-patient/input.xml'), 'utf8');
  const told = text.replace('originalText="Patient"', `originalText="${role}"`);
  const verdict = judge(received(Buffer.from(told), 'audit-xml'), directory);
  expect(verdict.kind === 'facts' && verdict.facts.some(({ table }) => table === 'ops.usage')).toBe(patient);
});

test('any bytes in any format are judged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...formats), (bytes, format) => {
      const verdict = judge(received(Buffer.from(bytes), format), directory);
      expect(verdict.kind === 'facts' || !verdict.detail.startsWith('the decoder failed')).toBe(true);
    }),
    { numRuns: 2000 }
  );
});

test('the header a message travels under does not change its canonical bytes', () => {
  const body = readFileSync(join(folder, 'audit-csd-code/input.xml'), 'utf8').trim();
  const canonical = (text: string, format: Format) => {
    const verdict = judge(received(Buffer.from(text), format), directory);
    return verdict.kind === 'facts' ? verdict.canonical.toString() : verdict.detail;
  };
  expect(canonical(body, 'audit-xml')).toBe(body);
  expect(canonical(`<85>1 2026-11-24T07:05:02Z h a 1 m - \ufeff${body}\n`, 'syslog')).toBe(body);
  expect(canonical(`<85>Nov 24 08:05:02 h a: ${body.replaceAll('\n', '#012')}\n`, 'syslog')).toBe(body);
  expect(canonical(JSON.stringify({ xml: body }), 'json-audit')).toBe(body);
});

test('how a message is spoken is told beside its verdict, understood or not', () => {
  const csd = readFileSync(join(folder, 'audit-csd-code/input.xml'), 'utf8');
  const traits = (text: string, format: Format) =>
    judge(received(Buffer.from(text), format), directory).traits;
  const sequence = { by: '10.10.3.4 h a', number: 7 };
  const numbered = '<85>1 - h a 1 m [meta sequenceId="7"] ';
  expect(traits(`${numbered}${csd}`, 'syslog')).toEqual({ header: 'rfc5424', coding: 'csd-code', sequence });
  expect(traits(`${numbered}<Broken`, 'syslog')).toEqual({ header: 'rfc5424', coding: 'none', sequence });
  expect(traits(csd.replaceAll('csd-code=', 'code='), 'audit-xml')).toEqual({ coding: 'code' });
});

test('a JSON and an XML copy of one FHIR event, under other ids and versions, have the same canonical bytes', () => {
  const canonical = (file: string, format: Format) => {
    const verdict = judge(received(readFileSync(join(folder, file)), format), directory);
    return verdict.kind === 'facts' ? verdict.canonical.toString() : verdict.detail;
  };
  const json = canonical('fhir-study/input.fhir-json', 'fhir-json');
  expect(canonical('fhir-study-xml/input.fhir-xml', 'fhir-xml')).toBe(json);
  expect(json).not.toMatch(/sent-by-the-client|versionId/);
});

test('what asked for more than the FHIR feed does is quarantined, whatever it holds', () => {
  const raw = readFileSync(join(folder, 'fhir-study/input.fhir-json'));
  expect(judge(received(raw, 'fhir-refused'), directory)).toMatchObject({ reason: 'unsupported-message' });
});

test('an oversize message is quarantined as such', () => {
  const reception = {
    ...received(Buffer.from('<Audit'), 'syslog'),
    oversize: { bytes: 20_000_000, sha256: '00' }
  };
  expect(judge(reception, directory)).toMatchObject({ kind: 'quarantine', reason: 'oversize' });
});

test('what the receiver knows of the sender wins over what the message says', () => {
  const raw = readFileSync(join(folder, 'audit-csd-code/input.xml'));
  expect(judge(received(raw, 'audit-xml', 'pacs'), directory).origin.source).toBe('pacs');
});

test('uses of no told system are those of the key’s own; of a key that speaks for any they are refused, and the mend is said', () => {
  const raw = Buffer.from('{"occurred_at":"2026-11-24T08:00:00+01:00","kind":"other"}');
  const own = judge(received(raw, 'json-usage', 'ris'), directory);
  expect(own.kind === 'facts' && own.facts[0]?.row).toMatchObject({ system: 'ris' });
  expect(judge(received(raw, 'json-usage', 'any-key'), directory)).toMatchObject({
    kind: 'quarantine',
    reason: 'unknown-system',
    detail: expect.stringMatching(/^system must be told, and declared in vigie.yaml/) as string
  });
});
