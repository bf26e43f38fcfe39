import { signedIn } from '#lib/server/access/guard.ts';
import { boards } from '#lib/server/board/boards.ts';
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
        panels: board.panels
          .filter((panel) => panel.roles?.includes(role) ?? true)
          .map((panel) => ({
            id: panel.id,
            title: panel.title[language],
            definition: panel.definition[language],
            columns: panel.columns.flatMap((column) =>
              column.definition
                ? [{ label: column.label[language], definition: column.definition[language] }]
                : []
            )
          }))
      }))
  };
};
