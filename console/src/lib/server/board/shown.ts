import {
  parseSentence,
  pickValue,
  tell,
  type Board,
  type Column,
  type Panel,
  type Row,
  type Sentence
} from '@vigie/dashboards';
import type { Config, Role } from '@vigie/schemas';
import type { Cell, Names, ShownColumn, ShownPanel, ShownRow } from '#lib/board/shown.ts';
import { show } from '#lib/board/show.ts';
import { words } from '#lib/board/words.ts';
import type { Language } from '#lib/text/language.ts';
import type { Reader } from '../access/reader.ts';
import { objectivesOf, systemsSeen } from '../access/systems-seen.ts';
import { nodesOf } from './nodes.ts';
import { suppress } from './suppress.ts';
import type { PanelWindow } from './window.ts';

/** Names of everything rows call by id. Sites keep their rank in vigie.yaml: it is their colour everywhere. */
export function namesOf(config: Config, language: Language, reader: Pick<Reader, 'scope'>): Names {
  const say = words(language);
  // A system of an establishment outside the scope is as if it did not exist.
  const systems = systemsSeen(reader, config);
  return {
    language,
    sites: {
      ...Object.fromEntries(
        config.sites.map((site, index) => [
          site.id,
          { name: site.short_name, colour: index, ...(site.live_on && { liveOn: site.live_on }) }
        ])
      ),
      '': { name: say.nowhere, colour: -1 },
      '~unallocated': { name: say.unallocated, colour: -1 }
    },
    systems: Object.fromEntries(systems.map((system) => [system.id, system.name])),
    objectives: Object.fromEntries(
      objectivesOf(reader, config).map((objective) => [objective.id, objective.name[language]])
    ),
    nodes: nodesOf(config, systems, language)
  };
}

export function shownColumn(column: Column, language: Language): ShownColumn {
  const { name, type, hidden, digits, meter } = column;
  return {
    name,
    type,
    hidden,
    label: column.label[language],
    export: column.export ?? (hidden ? '' : name),
    ...(digits !== undefined && { digits }),
    ...(meter && { meter }),
    ...(column.rows && { rows: column.rows }),
    ...(column.definition && { definition: column.definition[language] }),
    ...(column.words && {
      words: Object.fromEntries(
        Object.entries(column.words).map(([value, word]) => [
          value,
          { text: word[language], ...(word.tone && { tone: word.tone }) }
        ])
      )
    })
  };
}

/** A panel and its rows, for one reader. Small groups are withheld before anything is made of the rows. */
export function shownPanel(
  panel: Panel,
  told: { readonly rows: readonly Row[] } | { readonly failed: string },
  window: PanelWindow,
  role: Role,
  names: Names
): ShownPanel {
  const { language } = names;
  const columns = panel.columns.map((column) => shownColumn(column, language));
  const all = 'rows' in told ? told.rows : [];
  const { rows, withheld } = suppress(panel, role, all);
  const { id, kind, width, shared, x, y, series, value, end, mark } = panel;
  const sentence =
    panel.sentence && rows.length > 0 ? sentenceOf(panel.sentence, { rows, all }, columns, names) : undefined;
  return {
    id,
    kind,
    width,
    shared,
    title: panel.title[language],
    ...(panel.note && { note: panel.note[language] }),
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y }),
    ...(series !== undefined && { series }),
    ...(value !== undefined && { value }),
    ...(end !== undefined && { end }),
    ...(mark !== undefined && { mark }),
    figures: (panel.figures ?? []).map(({ value: of, change, better }) => ({
      value: of,
      ...(change !== undefined && { change }),
      ...(better && { better })
    })),
    columns,
    definition: panel.definition[language],
    ...(sentence !== undefined && { sentence }),
    empty: panel.empty[language],
    window: {
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      complete: window.complete.toISOString(),
      grain: window.grain,
      before: { from: window.before_from.toISOString(), to: window.before_to.toISOString() },
      chosen: panel.window === 'period' || !panel.dated
    },
    rows: rows as readonly ShownRow[],
    withheld,
    ...('failed' in told && { failed: told.failed }),
    ...(panel.rows?.roles.includes(role) && { drill: panel.rows.by })
  };
}

/** A panel's sentence; undefined where what is withheld would make it untrue: a sum of a part is no sum. */
function sentenceOf(
  sentence: Sentence,
  { rows, all }: { readonly rows: readonly Row[]; readonly all: readonly Row[] },
  columns: readonly ShownColumn[],
  names: Names
): string | undefined {
  const label = 'by' in sentence ? sentence.cases[String(rows[0]?.[sentence.by])] : sentence;
  if (label === undefined) return undefined;
  const count: Pick<ShownColumn, 'type'> = { type: 'count' };
  const write = (name: string | undefined, value: unknown) =>
    show(columns.find((column) => column.name === name) ?? count, value as Cell, names);
  const pieces = parseSentence(label[names.language]);
  if (pieces.some((piece) => typeof piece !== 'string' && pickValue(piece, rows) !== pickValue(piece, all)))
    return undefined;
  return tell(pieces, rows, write, new Intl.PluralRules(names.language));
}

/** The page's first line: what the headline panel says, else why it cannot. */
export function headlineOf(board: Board, panels: readonly ShownPanel[], language: Language): string {
  const panel = panels.find((one) => one.id === board.headline);
  if (panel === undefined || panel.failed !== undefined) return board.question[language];
  return panel.sentence ?? panel.empty.split('. ')[0] ?? panel.empty;
}
