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
const nodeOf = ({ id, kind, site }: Pick<System, 'id' | 'kind' | 'site'>): string =>
  kind === 'modality' ? `modalities:${site ?? ''}` : id;

/**
 * Place of each system in the picture that one reader sees: what is declared and not theirs to see is one place, `others`, so that it is
 * neither named nor taken for something undeclared.
 */
export function placesOf(
  systems: readonly System[],
  seen: readonly System[]
): (readonly [system: string, node: string])[] {
  const theirs = new Set(seen);
  return systems.map((system) => [system.id, theirs.has(system) ? nodeOf(system) : 'others'] as const);
}

/**
 * Every place of the picture, named, of the systems a reader sees. `unknown` is what vigie.yaml does not declare, `others` what it
 * declares of other establishments, `clients` who reads by the web.
 */
export function nodesOf(
  config: Pick<Config, 'sites'>,
  systems: readonly System[],
  language: Language
): NonNullable<Names['nodes']> {
  const say = words(language);
  const siteNames = new Map(config.sites.map((site) => [site.id, site.short_name]));
  return {
    ...Object.fromEntries(
      systems.map((system) => [
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
    others: { name: say.otherEstablishments, stage: 0, core: false },
    unknown: { name: say.undeclared, stage: 0, core: false },
    clients: { name: say.clients, stage: 4, core: false }
  };
}
