import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameSplitter, type Frame } from './frames.ts';

const bytes = (text: string) => Buffer.from(text);
const count = (text: string) => bytes(`${bytes(text).length} ${text}`);

function split(chunks: readonly Buffer[], cap = 1_000_000): Frame[] {
  const splitter = new FrameSplitter(cap);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}
const texts = (frames: readonly Frame[]) => frames.map(({ raw }) => raw.toString());

/** Cuts a buffer at the given places. */
function cut(whole: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (whole.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  return [...sorted, whole.length].map((to) => whole.subarray(from, (from = to)));
}

const header = '<85>1 2026-11-24T10:00:00Z pacs DEEPUNITY 1 IHE+RFC-3881 - ';
const xml = '<AuditMessage>\n  <EventIdentification x="é"/>\n</AuditMessage>';
const message = header + xml;
const oneLine = message.replaceAll('\n', '');

describe('framing decided per frame', () => {
  const cases: Record<string, { input: Buffer; frames: string[] }> = {
    'octet counts': {
      input: Buffer.concat([count(message), count('<13>plain')]),
      frames: [message, '<13>plain']
    },
    'a line feed counted': {
      input: Buffer.concat([count(`${oneLine}\n`), count(oneLine)]),
      frames: [`${oneLine}\n`, oneLine]
    },
    'a line feed not counted': {
      input: Buffer.concat([count(oneLine), bytes('\n'), count(oneLine)]),
      frames: [oneLine, oneLine]
    },
    lines: { input: bytes(`${oneLine}\n<13>plain\r\n${oneLine}\0`), frames: [oneLine, '<13>plain', oneLine] },
    'XML over several lines': { input: bytes(`${message}\n${message}\n`), frames: [message, message] },
    'a header, a prolog and XML on lines of their own': {
      input: bytes(`${header}\n<?xml version="1.0"?>\n${xml}\n<13>next\n`),
      frames: [`${header}\n<?xml version="1.0"?>\n${xml}`, '<13>next']
    },
    'no framing at all': { input: bytes(message + message), frames: [message, message] },
    'a wrapper of several messages': {
      input: bytes(`${header}<AuditMessages>\n${xml}\n${xml}\n</AuditMessages>\n${message}`),
      frames: [`${header}<AuditMessages>\n${xml}\n${xml}\n</AuditMessages>`, message]
    },
    'both framings in turn': {
      input: Buffer.concat([bytes(`${oneLine}\n`), count(message), bytes(`${message}\n`)]),
      frames: [oneLine, message, message]
    },
    'a message that never closed, before the next header': {
      input: bytes(`${header}<AuditMessage>\n<x\n${oneLine}\n`),
      frames: [`${header}<AuditMessage>\n<x`, oneLine]
    },
    'characters counted for bytes': {
      input: Buffer.concat([bytes(`${message.length} ${message}`), count(oneLine)]),
      frames: [message, oneLine]
    },
    'a count that eats the head of the next frame': {
      input: Buffer.concat([bytes(`${bytes(message).length + 3} ${message}`), count(oneLine)]),
      frames: [message, oneLine]
    },
    'bytes before the first header': { input: bytes(`junk${oneLine}\n`), frames: ['junk', oneLine] }
  };
  for (const [name, { input, frames }] of Object.entries(cases))
    test(`${name}: whole, and byte by byte`, () => {
      expect(texts(split([input]))).toEqual(frames);
      expect(texts(split([...input].map((byte) => Buffer.of(byte))))).toEqual(frames);
    });
});

const token = fc.oneof(
  fc.constantFrom(
    header,
    '<13>x',
    '12 ',
    '60 <85>1 ',
    xml,
    '<AuditMessage>',
    '</AuditMessage>',
    '<AuditMessages>',
    '</AuditMessages>'
  ),
  fc.constantFrom(
    '<AuditMessage',
    '<?xml?>',
    '\n',
    '\r\n',
    '\0',
    ' ',
    '<',
    '>',
    '9',
    'é',
    'x:AuditMessage',
    '<n:AuditMessage>',
    '</n:AuditMessage>'
  ),
  fc.string({ maxLength: 6 })
);
const stream = fc.oneof(
  fc.array(token, { maxLength: 25 }).map((tokens) => bytes(tokens.join(''))),
  fc.uint8Array({ maxLength: 200 }).map((random) => Buffer.from(random))
);

test('any chunking gives the same frames, within the cap and beyond it', () => {
  fc.assert(
    fc.property(
      stream,
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.constantFrom(40, 1_000_000),
      (whole, places, cap) => {
        expect(split(cut(whole, places), cap)).toEqual(split([whole], cap));
      }
    ),
    { numRuns: 5000 }
  );
});

test('every byte is in one frame, save separators and counts', () => {
  fc.assert(
    fc.property(stream, (whole) => {
      let at = 0;
      const between: string[] = [];
      for (const { raw } of split([whole])) {
        const found = whole.indexOf(raw, at);
        between.push(whole.toString('latin1', at, found));
        at = found + raw.length;
      }
      between.push(whole.toString('latin1', at));
      // A frame of blanks is found at the first blank, which may be the one behind its count.
      for (const gap of between) expect(gap).toMatch(/^[\n\r\0 ]*([1-9]\d{0,8} ?)?[\n\r\0 ]*$/);
    }),
    { numRuns: 5000 }
  );
});

describe('beyond the cap', () => {
  const sha256 = (whole: Buffer) => createHash('sha256').update(whole).digest('hex');
  const large = bytes(`${header}<AuditMessage>\n${'<x/>\n'.repeat(50_000)}</AuditMessage>`);

  test('a counted message keeps its head and the hash of the whole, and the next one is intact', () => {
    const frames = split(
      cut(Buffer.concat([count(large.toString()), count(message)]), [7, 70_000, 200_000]),
      100_000
    );
    expect(frames).toEqual([
      { raw: large.subarray(0, 65_536), oversize: { bytes: large.length, sha256: sha256(large) } },
      { raw: bytes(message) }
    ]);
  });

  test('so does a message of many lines', () => {
    const frames = split(
      cut(Buffer.concat([large, bytes('\n'), count(message)]), [7, 70_000, 200_000]),
      100_000
    );
    expect(frames.map(({ raw }) => raw.length)).toEqual([65_536, bytes(message).length]);
    expect(frames[0]?.oversize?.bytes).toBe(large.length + 1);
  });

  test('when memory is short the head is kept and the rest still hashed', () => {
    const splitter = new FrameSplitter(1_000_000);
    const input = Buffer.concat([count(large.toString()), count(message)]);
    const frames = [...splitter.push(input.subarray(0, 150_000)), ...splitter.cut()];
    expect(splitter.pending).toBe(0);
    frames.push(...splitter.push(input.subarray(150_000)));
    expect(frames.map(({ raw, oversize }) => oversize?.sha256 ?? raw.toString())).toEqual([
      sha256(large),
      message
    ]);
  });
});

test('a line that may go on is given out once its sender is quiet, an unfinished one is not', () => {
  const splitter = new FrameSplitter(1_000_000);
  expect(splitter.push(bytes('<13>plain\n'))).toEqual([]);
  expect(texts(splitter.quiet())).toEqual(['<13>plain']);
  splitter.push(count(message).subarray(0, 50));
  expect(splitter.quiet()).toEqual([]);
  expect(texts(splitter.push(count(message).subarray(50)))).toEqual([message]);
});

test('a large message in small pieces costs what its size costs', () => {
  const large = bytes(`${header}<AuditMessage>\n${'<x/>\n'.repeat(600_000)}</AuditMessage>\n`);
  const splitter = new FrameSplitter(16_000_000);
  const frames: Frame[] = [];
  for (let at = 0; at < large.length; at += 1000)
    frames.push(...splitter.push(large.subarray(at, at + 1000)));
  frames.push(...splitter.quiet());
  expect(frames.map(({ raw }) => raw.length)).toEqual([large.length - 1]);
});

describe('whatever is sent without end, what is held back is bounded by the cap', () => {
  // A long unfinished frame is looked at again once it has grown by a quarter.
  const cap = 300_000;
  const streams: Record<string, string> = {
    digits: '9',
    'counts of messages that never come': '99999999 <85>1 ',
    'counts beyond the cap': '400000 <85>1 - ',
    'a line without an end': 'a',
    brackets: '<',
    'headers without bodies': '<85>1 - - - - - - ',
    'messages that never close': '<85>1 - - - - - - <AuditMessage>',
    'a message of many lines that never closes': '<AuditMessages>\n',
    'names of messages': 'AuditMessage',
    'half of a mark': '\u00ef',
    blanks: ' \n\r',
    'closing tags': '</AuditMessage>'
  };
  for (const [name, piece] of Object.entries(streams))
    test(name, () => {
      const splitter = new FrameSplitter(cap);
      const whole = bytes(piece.repeat(Math.ceil(2_000_000 / piece.length)));
      let given = 0;
      for (let at = 0; at < whole.length; at += 65_536) {
        for (const { raw } of splitter.push(whole.subarray(at, at + 65_536))) given += raw.length;
        expect(splitter.pending).toBeLessThanOrEqual(cap * 1.25 + 65_536);
      }
      for (const { raw } of [...splitter.quiet(), ...splitter.end()]) given += raw.length;
      expect(splitter.pending).toBe(0);
      expect(given).toBeLessThanOrEqual(whole.length);
    });
});
