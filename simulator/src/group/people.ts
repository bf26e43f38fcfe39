import type { Site } from '@vigie/schemas';
import { Random } from '../random.ts';

/** All names are invented; none is of a person. */
export const givenNames =
  'Claire Nadia Julien Sophie Karim Élodie Thomas Inès Paul Camille Marc Aïcha Lucas Hélène Nicolas Manon Rachid Anne Pierre Léa Hugo Fatima Antoine Chloé Samir Juliette Vincent Sarah Bruno Océane'.split(
    ' '
  );
export const familyNames =
  'Martin Berthier Lefèvre Moreau Garnier Benali Petit Roussel Faure Lambert Dumas Perrin Chevalier Robin Masson Haddad Lacroix Renaud Marchand Noël Girard Bonnet Fontaine Mercier Boyer Leclerc Vidal Colin Brunet Aubry Guérin Prévost Royer Delaunay Tessier Hamel'.split(
    ' '
  );

/** Words of the human role, as systems tell it. */
export const jobTitles = {
  radiologue: 'Radiologue',
  manipulateur: 'Manipulateur',
  secrétaire: 'Secrétaire médicale',
  urgentiste: 'Urgentiste',
  clinicien: 'Médecin clinicien',
  dim: 'Médecin DIM',
  maintenance: 'Mainteneur'
} as const;
export type Job = keyof typeof jobTitles;

export interface Person {
  readonly login: string;
  readonly name: string;
  readonly family: string;
  readonly given: string;
  readonly job: Job;
  readonly site: string;
  /** Address of the usual workstation, in the site's network. */
  readonly workstation: string;
  /** National number of a physician: eleven digits of a range that is never issued. */
  readonly rpps: string | undefined;
}

/** People of the largest site; smaller ones have their share of each, and at least one. */
const crew: Readonly<Record<Job, number>> = {
  radiologue: 8,
  manipulateur: 16,
  secrétaire: 6,
  urgentiste: 6,
  clinicien: 20,
  dim: 1,
  maintenance: 1
};
const physicians: ReadonlySet<Job> = new Set(['radiologue', 'urgentiste', 'clinicien', 'dim']);

/** Physicians of a teleradiology platform: they read from afar, at no site of the group. */
export function teleradiologists(partner: string, seed: number): readonly Person[] {
  const random = new Random(seed, 'teleradiologists', partner);
  return Array.from({ length: 3 }, (_, i): Person => {
    const [given, family] = [random.pick(givenNames), random.pick(familyNames)];
    return {
      login: `tlr.${loginOf(given, family)}${i + 1}`,
      name: `${given} ${family.toUpperCase()}`,
      family,
      given,
      job: 'radiologue',
      site: partner,
      workstation: `203.0.113.${20 + i}`,
      rpps: `8997${String(random.whole(0, 9_999_999)).padStart(7, '0')}`
    };
  });
}

/** Turns a name into a login: first letter and family name, without accents. */
const loginOf = (given: string, family: string) =>
  `${given[0]}${family}`
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();

/** Staff by site, of sites given largest first. Logins are unique in the group. */
export function staffOf(
  sites: readonly { readonly site: Site; readonly share: number }[],
  seed: number
): Map<string, readonly Person[]> {
  const taken = new Set<string>();
  const hire = (site: Site, job: Job, network: string, random: Random): Person => {
    const [given, family] = [random.pick(givenNames), random.pick(familyNames)];
    let login = loginOf(given, family);
    for (let n = 2; taken.has(login); n++) login = `${loginOf(given, family)}${n}`;
    taken.add(login);
    return {
      login,
      name: `${given} ${family.toUpperCase()}`,
      family,
      given,
      job,
      site: site.id,
      workstation: `${network}.${random.whole(1, 9)}.${random.whole(10, 250)}`,
      rpps: physicians.has(job) ? `8997${String(random.whole(0, 9_999_999)).padStart(7, '0')}` : undefined
    };
  };
  return new Map(
    sites.map(({ site, share }) => {
      const random = new Random(seed, 'staff', site.id);
      const network = site.networks[0]?.split('.').slice(0, 2).join('.') ?? '10.99';
      const jobs = (Object.keys(crew) as Job[]).flatMap((job) =>
        Array.from({ length: Math.max(1, Math.round(crew[job] * share)) }, () => job)
      );
      return [site.id, jobs.map((job) => hire(site, job, network, random))];
    })
  );
}
