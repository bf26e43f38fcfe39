import { describe, expect, test } from 'vitest';
import { askDay, mainModality, type Answer, type StudyQuery, type ToldStudy } from './census-ask.ts';
import { daysToAsk } from './census-days.ts';
import { compareDay, type DayState } from './census-diff.ts';
import { believe, type Trust } from './census-trust.ts';

const study = (n: number, more: Partial<ToldStudy> = {}): ToldStudy => ({
  study: `1.2.3.${n}`,
  accession: `A${n}`,
  institution: 'Nord',
  modalities: ['CT'],
  instances: 10,
  ...more
});
const whole = (...studies: ToldStudy[]): Answer => ({ studies, gap: undefined });
const nord = () => 'nord';
const states = (told: ReturnType<typeof compareDay>['told']) =>
  told.studies.map(({ study: uid, state }) => `${uid} ${state}`);

describe('what is told of a day', () => {
  test('is everything at first, then what changed alone', () => {
    const first = compareDay({}, whole(study(1), study(2, { modalities: ['SR', 'MR'] })), nord);
    expect(states(first.told)).toEqual(['1.2.3.1 seen', '1.2.3.2 seen']);
    expect(first.told.total).toEqual({ studies: 2, instances: 20 });
    expect(first.told.counts.map(({ modality, studies }) => [modality, studies])).toEqual([
      ['CT', 1],
      ['MR', 1]
    ]);
    const again = compareDay(first.after, whole(study(2, { modalities: ['MR', 'SR'] }), study(1)), nord);
    expect(again.told).toMatchObject({ complete: true, counts: [], studies: [], total: { studies: 2 } });
    const grown = compareDay(
      again.after,
      whole(study(1, { instances: 12 }), study(2, { modalities: ['MR'] })),
      nord
    );
    expect(states(grown.told)).toEqual(['1.2.3.1 seen']);
    expect(grown.told.counts).toMatchObject([{ site: 'nord', modality: 'CT', studies: 1, instances: 12 }]);
  });

  test('is a deletion only when two whole answers in a row do not hold the study', () => {
    const start = compareDay({}, whole(study(1), study(2)), nord).after;
    const once = compareDay(start, whole(study(1)), nord);
    expect(states(once.told)).toEqual([]);
    const back = compareDay(once.after, whole(study(1), study(2)), nord);
    expect(states(back.told)).toEqual([]);
    const twice = compareDay(compareDay(back.after, whole(study(1)), nord).after, whole(study(1)), nord);
    expect(states(twice.told)).toEqual(['1.2.3.2 gone']);
    expect(twice.told.counts).toMatchObject([{ modality: 'CT', studies: 1 }]);
    const last = compareDay(compareDay(twice.after, whole(), nord).after, whole(), nord);
    expect(last.told.counts).toMatchObject([{ modality: 'CT', studies: 0 }]);
    expect(last.after).toEqual({});
  });

  test('is never a deletion when the answer is a part, however often', () => {
    let state: DayState = compareDay({}, whole(study(1), study(2)), nord).after;
    for (let i = 0; i < 5; i++) {
      const { told, after } = compareDay(state, { studies: [study(3)], gap: 'truncated' }, nord);
      expect(told).toMatchObject({ complete: false, reason: 'truncated', counts: [], total: { studies: 1 } });
      expect(told.studies.filter((one) => one.state === 'gone')).toEqual([]);
      state = after;
    }
    expect(Object.keys(state)).toHaveLength(3);
  });

  test('has the same digest whatever the order and the archive', () => {
    const digest = (...studies: ToldStudy[]) =>
      compareDay({}, whole(...studies), nord).told.counts[0]?.digest;
    expect(digest(study(1), study(2))).toBe(digest(study(2, { instances: undefined }), study(1)));
    expect(digest(study(1), study(2))).not.toBe(digest(study(1), study(3)));
  });
});

describe('a day that is too much at once', () => {
  const archive = Array.from({ length: 90 }, (_, n) =>
    study(n, { modalities: [['CT', 'MR', 'ZZ'][n % 3] ?? ''], accession: String(n % 24) })
  );
  /** An archive that gives `limit` studies at most; the accession stands for the hour of the study. */
  const limited = (limit: number, matchesTime = true) => {
    const asked: StudyQuery[] = [];
    const ask = (query: StudyQuery): Promise<Answer> => {
      asked.push(query);
      const { modality, hours } = query;
      const found = archive.filter(
        (one) =>
          (modality === undefined || one.modalities.includes(modality)) &&
          (hours === undefined ||
            !matchesTime ||
            (Number(one.accession) >= hours[0] && Number(one.accession) <= hours[1]))
      );
      return Promise.resolve({
        studies: found.slice(0, limit),
        gap: found.length > limit ? 'truncated' : undefined
      });
    };
    return { ask, asked };
  };
  const never = new AbortController().signal;

  test('is asked by modality, also by one that nobody expects', async () => {
    const { ask, asked } = limited(40);
    const answer = await askDay(ask, '2026-11-24', never);
    expect([answer.studies.length, answer.gap]).toEqual([90, undefined]);
    expect(asked.length).toBeLessThan(25);
  });
  test('is cut into parts of the day where a modality is still too much', async () => {
    const answer = await askDay(limited(10).ask, '2026-11-24', never);
    expect([answer.studies.length, answer.gap]).toEqual([90, undefined]);
  });
  test('stays a part when the archive does not match by time', async () => {
    const answer = await askDay(limited(10, false).ask, '2026-11-24', never);
    expect(answer.gap).toBe('truncated');
    expect(answer.studies.length).toBeLessThan(90);
  });
});

test('the modality of a study is that of its images, not of its report', () => {
  expect(mainModality(['SR', 'CT', 'PR'])).toBe('CT');
  expect(mainModality(['SR'])).toBe('SR');
  expect(mainModality(['', 'ct'])).toBe('');
});

test('recent days are asked each turn, the others hourly and daily, and old ones are forgotten', () => {
  const now = Date.parse('2026-11-24T10:00:00+01:00');
  const first = daysToAsk(30, {}, now);
  expect([first.due.length, first.due[0], first.due.at(-1)]).toEqual([30, '2026-11-24', '2026-10-26']);
  const asked = Object.fromEntries(first.due.map((day) => [day, now]));
  expect(daysToAsk(30, asked, now + 900_000).due).toEqual(['2026-11-24', '2026-11-23']);
  expect(daysToAsk(30, asked, now + 3_600_000).due).toHaveLength(8);
  const tomorrow = daysToAsk(30, asked, now + 86_400_000);
  expect([tomorrow.due.length, tomorrow.over]).toEqual([30, ['2026-10-26']]);
  // Half an hour after midnight of Paris the day is the new one.
  expect(daysToAsk(2, {}, Date.parse('2026-10-25T00:30:00+02:00')).due).toEqual(['2026-10-25', '2026-10-24']);
});

describe('an archive that answers short once', () => {
  const signal = new AbortController().signal;
  const all = Array.from({ length: 8 }, (_, n) => study(n));
  /** Known, and missing from one answer: the next without them would make them gone. */
  const missedOnce = (...studies: ToldStudy[]) =>
    compareDay(compareDay({}, whole(...studies), nord).after, whole(), nord).after;
  const before = missedOnce(...all);
  /** Asked by UID, it still has all of them. */
  const doubt = (trust: Trust) => ({
    day: '2026-11-24',
    before,
    neighbour: () => 0,
    trust,
    ask: (query: StudyQuery) => Promise.resolve(whole(...all.filter((one) => one.study === query.study))),
    signal
  });

  test.each([
    [0, {}],
    [0, { proven: 8 }],
    [5, { proven: 8 }],
    [8, { proven: 8 }]
  ])('with %i studies is not taken for limited to less than it has proven', async (count, trust) => {
    const state = missedOnce(...all, study(99));
    const here = {
      ...doubt(trust),
      before: state,
      ask: (query: StudyQuery) =>
        Promise.resolve(whole(...[...all, study(99)].filter((one) => one.study === query.study)))
    };
    const told = await believe(whole(...all.slice(0, count)), here);
    expect(told).toMatchObject({ answer: { gap: 'truncated' } });
    expect(told.trust).toEqual(trust);
  });

  test('with more than it has proven is limited to that', async () => {
    const { trust } = await believe(whole(...all.slice(0, 5)), doubt({ proven: 3 }));
    expect(trust).toEqual({ proven: 3, ceiling: 5 });
  });

  test.each([{ ceiling: 0 }, { ceiling: 4, proven: 8 }])(
    'and was remembered for it (%j) is believed again',
    async (trust) => {
      const told = await believe(whole(...all), doubt(trust));
      expect(told.answer).toEqual(whole(...all));
    }
  );
});
