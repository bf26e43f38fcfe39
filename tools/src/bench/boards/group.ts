import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { root } from '../../testkit/process.ts';

const Named = z.looseObject({ id: z.string() });
const Site = Named.extend({ name: z.string(), short_name: z.string() });
const System = Named.extend({
  kind: z.string(),
  site: z.string().optional(),
  ae_titles: z.array(z.string()).default([])
});
const Group = z.looseObject({ sites: z.array(Site), systems: z.array(System), pulls: z.unknown() });

/** The demonstration's group, so many times: each copy has the sites and rooms of the first, under names of its own. */
export function groupOf(copies: number): { readonly text: string; readonly sites: number; readonly rooms: readonly string[]; readonly aes: readonly string[] } {
  const group = Group.parse(parse(readFileSync(join(root, 'vigie.yaml'), 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')));
  const rooms = group.systems.filter(({ kind }) => kind === 'modality');
  const more = Array.from({ length: copies - 1 }, (_, i) => i + 1);
  const sites = more.flatMap((c) =>
    group.sites.map((site, n) => ({
      ...site,
      id: `${site.id}-${c}`,
      name: `${site.name} ${c}`,
      short_name: `${site.short_name} ${c}`,
      finess_eg: `2${String(c).padStart(4, '0')}${String(n).padStart(4, '0')}`,
      networks: [],
      aliases: []
    }))
  );
  const systems = more.flatMap((c) =>
    rooms.map((room) => ({ ...room, id: `${room.id}-${c}`, site: `${room.site}-${c}`, ae_titles: room.ae_titles.map((ae) => `${ae}_${c}`) }))
  );
  const text = stringify({ ...group, pulls: [], sites: [...group.sites, ...sites], systems: [...group.systems, ...systems] });
  return { text, sites: group.sites.length, rooms: rooms.map(({ id }) => id), aes: rooms.flatMap(({ ae_titles }) => ae_titles) };
} // prettier-ignore
