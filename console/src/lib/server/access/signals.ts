import type { Config } from '@vigie/schemas';
import { alsoTold, pageOfSignal } from '#lib/signal-pages.ts';
import type { OpenSignal } from '../query/signals.ts';
import { pagesOf } from './pages.ts';
import type { Reader } from './reader.ts';

/**
 * Signals that are a reader's to decide: their page is open to the role (or the role is told all the same), and what they are about is of the reader's
 * establishments or shared by all. Pure.
 */
export function signalsOf(
  reader: Pick<Reader, 'role' | 'scope'>,
  signals: readonly OpenSignal[],
  config: Pick<Config, 'systems' | 'sites' | 'objectives'>
): OpenSignal[] {
  const pages = pagesOf(reader.role);
  const establishment = new Map(config.sites.map((site) => [site.id, site.establishment]));
  const siteOf = ({ site, subject }: OpenSignal): string => {
    const id = config.objectives.find((one) => one.id === subject)?.system ?? subject;
    return site || (config.systems.find((system) => system.id === id)?.site ?? '');
  };
  return signals.filter((signal) => {
    const site = siteOf(signal);
    const isTheirs = site === '' || reader.scope.includes(establishment.get(site) ?? '');
    const isTold =
      pages.includes(pageOfSignal[signal.code]) || alsoTold[signal.code]?.includes(reader.role) === true;
    return isTheirs && isTold;
  });
}
