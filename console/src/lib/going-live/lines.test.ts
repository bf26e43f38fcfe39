import { expect, test } from 'vitest';
import { GoingLive } from '@vigie/schemas/config/going-live';
import { judge, type Measures } from './lines.ts';

const { thresholds } = GoingLive.parse(undefined);
const none: Measures = { modalities: undefined, echo: undefined, worklist: undefined, ins: undefined, complete: undefined, senders: undefined, volume: undefined }; // prettier-ignore
const state = (measures: Partial<Measures>, withholding = false) =>
  Object.fromEntries(
    judge({ ...none, ...measures }, thresholds, withholding)
      .filter(({ id }) => id in measures)
      .map((one) => [one.id, one.state])
  );

test('what nothing tells is not measured, which is neither ready nor short', () => {
  expect(new Set(judge(none, thresholds, false).map((one) => one.state))).toEqual(new Set(['unmeasured']));
  expect(state({ ins: { part: 0, of: 0 } })).toEqual({ ins: 'unmeasured' });
});

test('a share is ready at its threshold, a number of strangers up to it', () => {
  expect(
    state({ ins: { part: 95, of: 100 }, complete: { part: 979, of: 1000 }, senders: { part: 0, of: 0 } })
  ).toEqual({ ins: 'ready', complete: 'short', senders: 'ready' });
  expect(state({ senders: { part: 1, of: 1 }, modalities: { part: 4, of: 5 } })).toEqual({
    senders: 'short',
    modalities: 'short'
  });
});

test('shares of a few patients, or that leave a few, are withheld from those who may not see them', () => {
  const few = { ins: { part: 4, of: 40 }, complete: { part: 35, of: 40 }, modalities: { part: 1, of: 5 } };
  expect(state(few, true)).toEqual({ ins: 'withheld', complete: 'withheld', modalities: 'short' });
  expect(state(few)).toEqual({ ins: 'short', complete: 'short', modalities: 'short' });
});
