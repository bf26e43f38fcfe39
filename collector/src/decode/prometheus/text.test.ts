import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePrometheusText, PrometheusTextError } from './text.ts';

const parse = (text: string) =>
  parsePrometheusText(text, () => true).map(({ labels, ...rest }) => ({
    ...rest,
    labels: Object.fromEntries(labels)
  }));

test('samples, comments, timestamps, special values and a last line without line feed are read', () => {
  const text = `# HELP up it is
# TYPE up gauge
up 1
disk{device="/dev/sda1",mountpoint="/srv/a b"} 4.2e+10 1732435200000
temperature{} -Inf
empty{a="",} NaN
spaced  { x = "1" , y="2" }   0x1F
last +.5`;
  expect(parse(text)).toEqual([
    { name: 'up', labels: {}, value: 1, timestamp: undefined },
    {
      name: 'disk',
      labels: { device: '/dev/sda1', mountpoint: '/srv/a b' },
      value: 42_000_000_000,
      timestamp: 1732435200000
    },
    { name: 'temperature', labels: {}, value: Number.NEGATIVE_INFINITY, timestamp: undefined },
    { name: 'empty', labels: { a: '' }, value: Number.NaN, timestamp: undefined },
    { name: 'spaced', labels: { x: '1', y: '2' }, value: 31, timestamp: undefined },
    { name: 'last', labels: {}, value: 0.5, timestamp: undefined }
  ]);
});

test('escapes and UTF-8 names in quotes are read', () => {
  const text = String.raw`{"é.disque", "mount point"="a\"b\\c\nd\e"} 1`;
  expect(parse(text)).toEqual([
    { name: 'é.disque', labels: { 'mount point': 'a"b\\c\nd\\e' }, value: 1, timestamp: undefined }
  ]);
});

test.each([
  ['an HTML page', '<!DOCTYPE html>\n<html></html>'],
  ['no value', 'up'],
  ['a value that is none', 'up 1x'],
  ['an unfinished label', 'up{a="1'],
  ['a label without quotes', 'up{a=1} 1'],
  ['labels without comma', 'up{a="1"b="2"} 1'],
  ['a repeated label', 'up{a="1",a="2"} 1'],
  ['a bad timestamp', 'up 1 now'],
  ['more than three words', 'up 1 2 3'],
  ['no name', '{a="1"} 1'],
  ['JSON', '{"status":"ok"}']
])('%s is an error that names the line and not its content', (_, text) => {
  expect(() => parse(`good 1\n${text}`)).toThrow(PrometheusTextError);
  expect(() => parse(`good 1\n${text}`)).toThrow(/^line [23]: [a-z ]+$/);
});

test('names that nobody asked for are checked and dropped', () => {
  expect(parsePrometheusText('a 1\nb 2\n', (name) => name === 'b').map(({ name }) => name)).toEqual(['b']);
  expect(() => parsePrometheusText('a one\n', () => false)).toThrow(PrometheusTextError);
});

test('what is written comes back', () => {
  const label = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\r'));
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,10}$/);
  const value = fc.double({ noNaN: true });
  const escape = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  fc.assert(
    fc.property(name, fc.dictionary(name, label), value, (metric, labels, told) => {
      const entries = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
      const number = Math.abs(told) === Infinity ? `${told < 0 ? '-' : '+'}Inf` : String(told);
      const [sample] = parse(`${metric}{${entries.join(',')}} ${number}`);
      expect(sample?.labels).toEqual({ ...labels });
      expect(sample?.value).toBe(Object.is(told, -0) ? 0 : told);
    })
  );
});

test('any text gives samples or that error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PrometheusTextError);
      }
    }),
    { numRuns: 2000 }
  );
});
