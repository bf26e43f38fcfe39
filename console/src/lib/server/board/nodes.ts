import type { Config, System, SystemKind } from '@vigie/schemas';
import type { Names } from '#lib/board/shown.ts';
import { words } from '#lib/board/words.ts';
import type { Language } from '#lib/text/language.ts';

/** Columns of the picture, from the left: who makes images, the PACS, the VNA, who keeps or shows them. */
const stages: Readonly<Record<SystemKind, number>> = {
  modality: 0,
  gateway: 0,
  sensor: 0,
  pacs: 1,
  ris: 1,
  vna: 2,
  archive: 3,
  viewer: 3,
  portal: 3,
  ai: 3,
  other: 3
};

/** What a reader expects to find in the picture: that nothing of it is seen is an answer too. */
const core: ReadonlySet<SystemKind> = new Set(['pacs', 'vna', 'archive', 'viewer', 'portal']);

/** A system's place in the picture of flows: its own, or its site's for a modality. */
export const nodeOf = ({ id, kind, site }: Pick<System, 'id' | 'kind' | 'site'>): string =>
  kind === 'modality' ? `modalities:${site ?? ''}` : id;

/** Every place of the picture, named, of the systems given. `unknown` is what vigie.yaml does not declare, `clients` who reads by the web. */
export function nodesOf(
  config: Pick<Config, 'sites' | 'systems'>,
  language: Language
): NonNullable<Names['nodes']> {
  const say = words(language);
  const siteNames = new Map(config.sites.map((site) => [site.id, site.short_name]));
  return {
    ...Object.fromEntries(
      config.systems.map((system) => [
        nodeOf(system),
        {
          name:
            system.kind === 'modality'
              ? say.modalitiesOf(siteNames.get(system.site ?? '') ?? say.nowhere)
              : system.name,
          stage: stages[system.kind],
          core: core.has(system.kind)
        }
      ])
    ),
    unknown: { name: say.undeclared, stage: 0, core: false },
    clients: { name: say.clients, stage: 4, core: false }
  };
}
