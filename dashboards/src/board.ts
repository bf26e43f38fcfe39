import { z } from 'zod';
import { Id, Label } from '@vigie/schemas';
import { Role } from '@vigie/schemas/config/governance';
import { Panel } from './panel.ts';

/** One page of the console, as data: a question, who may ask it, and the panels that answer. */
export const Board = z
  .strictObject({
    id: Id,
    title: Label,
    question: Label,
    roles: z.array(Role).min(1),
    /** The panel whose sentence is the page's headline. */
    headline: Id,
    panels: z.array(Panel).min(1)
  })
  .superRefine((board, context) => {
    const seen = new Set<string>();
    board.panels.forEach((panel, i) => {
      if (seen.has(panel.id))
        context.addIssue({
          code: 'custom',
          path: ['panels', i, 'id'],
          message: `repeats the id "${panel.id}"`
        });
      seen.add(panel.id);
    });
    const headline = board.panels.find((panel) => panel.id === board.headline);
    if (headline?.sentence === undefined)
      context.addIssue({
        code: 'custom',
        path: ['headline'],
        message: `must name a panel of this board that has a sentence (panels: ${[...seen].join(', ')})`
      });
  });
export type Board = z.infer<typeof Board>;
