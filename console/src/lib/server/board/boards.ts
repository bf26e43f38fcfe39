import boards from 'virtual:vigie-boards';
import type { Board } from '@vigie/dashboards';

/** A board of the build; undefined when there is none of that id. */
export function boardById(id: string): Board | undefined {
  return boards.find((board) => board.id === id);
}

export { boards };
