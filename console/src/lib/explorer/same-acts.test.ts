import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acts, sameAct, spokesman, type Told } from './same-acts.ts';

let n = 0;
const told = (seconds: number, source: string, more: Partial<Told> = {}): Told => ({
  id: `c1-audit-${++n}-0`,
  occurred_at: new Date(Date.UTC(2026, 10, 24, 8) + seconds * 1000),
  source,
  event_code: '110103',
  action: 'R',
  actor_id: '',
  actor_kind: 'application',
  studies: ['1.2.3'],
  accessions: [],
  patients: [],
  ae_from: '',
  ae_to: '',
  ...more
});
const sourcesOf = (messages: Told[]) => acts(messages).map((act) => act.map(({ source }) => source));
const transfer = { event_code: '110104', action: 'C', ae_from: 'TRO_CT1', ae_to: 'DEEPUNITY' };

test('viewer and PACS that tell of one look within two minutes are one act with two witnesses', () => {
  const person = { actor_id: 'a1', actor_kind: 'person' };
  const messages = [told(0, 'viewer', person), told(40, 'pacs')];
  expect(sourcesOf(messages)).toEqual([['viewer', 'pacs']]);
  expect(sourcesOf([told(0, 'viewer'), told(121, 'pacs')])).toHaveLength(2);
  expect(spokesman(acts(messages)[0] ?? [messages[1] as Told]).source).toBe('viewer');
});

test('what one system tells twice happened twice', () => {
  expect(sourcesOf([told(0, 'viewer'), told(10, 'viewer'), told(11, 'pacs')])).toEqual([
    ['viewer'],
    ['viewer', 'pacs']
  ]);
});

test('a message that two collectors received is one act, though its source tells it twice', () => {
  const [first, second] = [told(0, 'viewer'), { ...told(0, 'viewer'), id: 'c2-audit-1-0' }];
  expect(sourcesOf([first, second])).toEqual([['viewer', 'viewer']]);
  expect(sourcesOf([first, { ...second, occurred_at: new Date(second.occurred_at.getTime() + 1) }])).toHaveLength(2); // prettier-ignore
});

test('a transfer told by its beginning, its end and both ends is one act', () => {
  expect(
    sourcesOf([
      told(0, 'modality', { ...transfer, event_code: '110102' }),
      told(60, 'modality', transfer),
      told(61, 'pacs', { ...transfer, event_code: '110103' })
    ])
  ).toEqual([['modality', 'modality', 'pacs']]);
});

test('transfers between other AE titles are other acts', () => {
  expect(sourcesOf([told(0, 'modality', transfer), told(9, 'vna', { ...transfer, ae_to: 'VNA' })])).toHaveLength(2); // prettier-ignore
  expect(sourcesOf([told(0, 'modality', transfer), told(9, 'vna', { ...transfer, ae_from: '' })])).toHaveLength(1); // prettier-ignore
});

test('two persons are two acts, whatever they looked at', () => {
  const person = (actor_id: string) => ({ actor_id, actor_kind: 'person' });
  expect(sourcesOf([told(0, 'viewer', person('a')), told(1, 'pacs', person('b'))])).toHaveLength(2);
});

test('a study decides before an accession number, and that before a patient', () => {
  const both = (studies: string[], accessions: string[], patients: string[]) => ({ studies, accessions, patients }); // prettier-ignore
  const pair = (a: Partial<Told>, b: Partial<Told>) => sameAct(told(0, 'pacs', a), told(1, 'ris', b));
  expect(pair(both(['1'], ['A'], ['p']), both(['2'], ['A'], ['p']))).toBe(false);
  expect(pair(both(['1'], ['A'], ['p']), both([], ['A'], []))).toBe(true);
  expect(pair(both(['1'], [], ['p']), both([], ['A'], ['p']))).toBe(true);
  expect(pair(both([], [], []), both([], [], []))).toBe(false);
});

test('sign-ins and starts stand alone', () => {
  expect(sourcesOf([told(0, 'a', { event_code: '110114' }), told(0, 'b', { event_code: '110114' })])).toHaveLength(2); // prettier-ignore
});

test('no message is lost, none is in two acts, and their order changes nothing', () => {
  const message = fc.record({
    seconds: fc.integer({ min: 0, max: 900 }),
    source: fc.constantFrom('pacs', 'viewer', 'vna'),
    event_code: fc.constantFrom('110102', '110103', '110104', '110112', '110114'),
    studies: fc.subarray(['1', '2']),
    actor_id: fc.constantFrom('', 'a', 'b')
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (list) => {
      const messages = list.map(({ seconds, source, ...more }) => told(seconds, source, { ...more, actor_kind: 'person' })); // prettier-ignore
      const found = acts(messages);
      expect(found.flat().map(({ id }) => id).toSorted()).toEqual(messages.map(({ id }) => id).toSorted()); // prettier-ignore
      expect(acts(messages.toReversed())).toEqual(found);
    })
  );
});
