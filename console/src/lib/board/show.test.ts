import { expect, test } from 'vitest';
import { compare } from './compare.ts';
import { csv } from './csv.ts';
import { rowsHref } from './drill.ts';
import { bare, orderOf, show, tickLabel } from './show.ts';
import type { Cell, Names, ShownColumn } from './shown.ts';

const names = (language: 'fr' | 'en'): Names => ({
  language,
  sites: { troyes: { name: 'Troyes', colour: 0 }, '': { name: 'Site inconnu', colour: -1 } },
  systems: { deepunity: 'PACS DeepUnity' },
  objectives: { pacs: 'PACS' }
});
const say = (type: ShownColumn['type'], value: Cell, digits?: number, language: 'fr' | 'en' = 'fr') =>
  show({ type, ...(digits !== undefined && { digits }) }, value, names(language)).replaceAll(/\s/g, ' ');

test('values read as their reader writes them', () => {
  expect(say('count', 1234)).toBe('1 234');
  expect(say('count', 1234, undefined, 'en')).toBe('1,234');
  expect(say('percent', 99.309, 2)).toBe('99,31 %');
  expect(say('change', -4.6)).toBe('−5 %');
  expect(say('change', 0.2)).toBe('0 %');
  expect(say('number', -19.2, 0)).toBe('−19');
  expect(say('money', 5266.516, 2)).toBe('5 266,52 €');
  expect(say('days', 41.7)).toBe('41 jours');
  expect(say('days', 800, undefined, 'en')).toBe('2.2 years');
  expect(say('days', 5000)).toBe('plus de 10 ans');
  expect(say('measure', 'bytes 59680748')).toBe(say('bytes', 59680748));
  expect(say('measure', 'count 1234')).toBe('1 234');
  expect(say('measure', 'permille 375')).toBe('37,5 %');
  expect(say('measure', 'ms 7800000', undefined, 'en')).toBe('2 h 10');
  expect(['bytes 900', 'bytes 1000', null].map((value) => orderOf({ type: 'measure' }, value))).toEqual([900, 1000, null]); // prettier-ignore
  expect(say('site', 'troyes')).toBe('Troyes');
  expect(say('modality', 'CT')).toBe('Scanner (CT)');
  expect(say('weekday', 1)).toBe('lundi');
  expect(say('month', '2026-11-01', undefined, 'en')).toBe('November 2026');
});

test('times are those of Paris', () => {
  expect(say('time', '2026-11-24T07:05:00Z')).toBe('24/11/2026 08:05');
  expect(say('bucket', '2026-11-22T23:00:00Z')).toBe('lun. 23/11/2026');
  expect(say('bucket', '2026-11-23T08:00:00Z')).toContain('09:00');
});

test('what is not told is a dash, never zero', () => {
  for (const type of ['count', 'bytes', 'percent', 'duration', 'time', 'site'] as const)
    expect(say(type, null)).toBe('–');
});

test('a header that carries the unit frees the cell of it', () => {
  expect(bare({ type: 'percent', label: 'Occupé, %' }, 88, names('fr'))).toBe('88,0');
  expect(tickLabel({ type: 'bytes' }, 30e9, names('fr')).replaceAll(/\s/g, ' ')).toBe('30 Go');
});

test('an export holds plain values under their export names, and no formula', () => {
  const columns: ShownColumn[] = [
    { name: 'ae', type: 'text', label: 'AE', hidden: false, export: 'ae' },
    { name: 'cost', type: 'money', label: 'Coût', hidden: false, export: 'BilledCost' },
    { name: 'inner', type: 'text', label: '', hidden: true, export: '' }
  ];
  const rows = [
    { ae: '=HYPERLINK("x")', cost: 1234.5, inner: 'x' },
    { ae: 'A,B', cost: null, inner: 'x' }
  ];
  expect(csv(columns, rows)).toBe('ae,BilledCost\r\n"\'=HYPERLINK(""x"")",1234.5\r\n"A,B",\r\n');
});

test('the way to the rows keeps the page’s choices and names the row', () => {
  const panel = { id: 'pairs', drill: ['calling_ae'] };
  const search = new URLSearchParams('period=7d&site=hpa&lang=en');
  expect(rowsHref('traffic', panel, search, { calling_ae: 'TRO CT1' })).toBe(
    '/rows/traffic/pairs?period=7d&site=hpa&by.calling_ae=TRO+CT1'
  );
  expect(rowsHref('traffic', { id: 'pairs' }, search)).toBeUndefined();
});

test('a column is sorted by what its reader sees, and what is not told comes last', () => {
  const told: Names = {
    ...names('fr'),
    sites: { a1: { name: 'Troyes', colour: 0 }, b2: { name: 'Romilly', colour: 1 } }
  };
  const sorted = (column: Pick<ShownColumn, 'type' | 'words'>, values: readonly Cell[], down = false) =>
    values.toSorted((a, b) => compare(column, a, b, told, down));
  expect(sorted({ type: 'site' }, ['a1', null, 'b2'])).toEqual(['b2', 'a1', null]);
  expect(sorted({ type: 'site' }, ['a1', null, 'b2'], true)).toEqual(['a1', 'b2', null]);
  const words = { stat: { text: 'Immédiat' }, routine: { text: 'Programmé' }, other: { text: 'Écarté' } };
  expect(sorted({ type: 'word', words }, ['routine', 'stat', 'other'])).toEqual(['other', 'stat', 'routine']);
  expect(sorted({ type: 'count' }, [10, 9, 100])).toEqual([9, 10, 100]);
  expect(sorted({ type: 'day' }, ['2026-02-01', '2025-12-31'])).toEqual(['2025-12-31', '2026-02-01']);
  expect(sorted({ type: 'text' }, ['AE10', 'AE9'])).toEqual(['AE9', 'AE10']);
});

test('a number that opens rows of its own says which', () => {
  const panel = { id: 'teleradiology', drill: ['site', 'answer'] };
  const row = { site: 'troyes', refused: 3 };
  expect(rowsHref('activity', panel, new URLSearchParams(), row, undefined, { answer: 'refused' })).toBe(
    '/rows/activity/teleradiology?by.site=troyes&by.answer=refused'
  );
});
