import { settings, settingsTable } from '../../start/settings.ts';
import type { Gate } from '../gate.ts';

const opening = '<!-- settings: made from tools/src/start/settings.ts by npm run verify -- --fix -->';
const closing = '<!-- /settings -->';

/** The text with the table between the markers renewed; unchanged where there are none. */
export function withSettingsTable(text: string): string {
  const start = text.indexOf(opening);
  const end = text.indexOf(closing);
  if (start < 0 || end < start) return text;
  return `${text.slice(0, start)}${opening}\n\n${settingsTable()}\n\n${text.slice(end)}`;
}

/** The table of flags and variables in the documents is the one the start reads. */
export const settingsInDocs: Gate = (sources) =>
  sources
    .filter(({ path, text }) => path.endsWith('.md') && text.includes(opening))
    .filter(({ text }) => withSettingsTable(text) !== text)
    .map(({ path, text }) => ({
      path,
      line: text.slice(0, text.indexOf(opening)).split('\n').length,
      wrong: `does not tell the ${settings.length} settings as they are`,
      mend: 'run npm run verify -- --fix'
    }));
