import type { Board } from '@vigie/dashboards';

/** Panels of a report, in their order: board, panel. One that a board does not have is left out. */
const order: readonly (readonly [board: string, panel: string])[] = [
  ['reports', 'sites'],
  ['reports', 'modalities'],
  ['turnaround', 'total'],
  ['turnaround', 'targets'],
  ['turnaround', 'segments'],
  ['arrival', 'by-modality'],
  ['activity', 'readers'],
  ['sla', 'availability'],
  ['sla', 'outages'],
  ['storage', 'cost-month'],
  ['storage', 'pools']
];

/** Each board with the one panel of it that is the next section. */
export function sectionsOf(boards: readonly Board[]): { readonly board: Board; readonly path: string }[] {
  return order.flatMap(([id, panelId]) => {
    const board = boards.find((one) => one.id === id);
    const panel = board?.panels.find((one) => one.id === panelId);
    if (board === undefined || panel === undefined) return [];
    return [
      {
        board: { ...board, headline: panel.id, panels: [panel] },
        path: id === 'reports' ? '/activity' : `/${id}`
      }
    ];
  });
}
