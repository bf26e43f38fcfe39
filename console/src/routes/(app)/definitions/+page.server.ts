import type { Panel } from '@vigie/dashboards';
import { signedIn } from '#lib/server/access/guard.ts';
import { boards } from '#lib/server/board/boards.ts';
import type { Language } from '#lib/text/language.ts';
import type { PageServerLoad } from './$types';

/** Every definition of the reports this reader may open. */
export const load: PageServerLoad = ({ locals }) => {
  const { role } = signedIn(locals);
  const { language } = locals;
  return {
    boards: boards
      .filter((board) => board.roles.includes(role))
      .map((board) => ({
        id: board.id,
        title: board.title[language],
        question: board.question[language],
        definitions: grouped(
          board.panels.filter((panel) => panel.roles?.includes(role) ?? true),
          language
        )
      }))
  };
};

/** Panels that share a definition tell it once. */
function grouped(panels: readonly Panel[], language: Language) {
  return [...new Set(panels.map((panel) => panel.definition[language]))].map((definition) => {
    const mine = panels.filter((panel) => panel.definition[language] === definition);
    return {
      definition,
      panels: mine.map((panel) => ({ id: panel.id, title: panel.title[language] })),
      columns: mine.flatMap((panel) =>
        panel.columns.flatMap((column) =>
          column.definition
            ? [{ label: column.label[language], definition: column.definition[language] }]
            : []
        )
      )
    };
  });
}
