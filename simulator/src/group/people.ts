import type { Config } from '@vigie/schemas';
import { Random } from '../random.ts';

/** All names are invented; none is of a person. */
const given =
  'Claire Nadia Julien Sophie Karim Élodie Thomas Inès Paul Camille Marc Aïcha Lucas Hélène Nicolas Manon Rachid Anne Pierre Léa Hugo Fatima Antoine Chloé Samir Juliette Vincent Sarah Bruno Océane'.split(
    ' '
  );
const family =
  'Martin Berthier Lefèvre Moreau Garnier Benali Petit Roussel Faure Lambert Dumas Perrin Chevalier Robin Masson Haddad Lacroix Renaud Marchand Noël Girard Bonnet Fontaine Mercier Boyer Leclerc Vidal Colin Brunet Aubry Guérin Prévost Royer Delaunay Tessier Hamel'.split(
    ' '
  );

export type Job = 'radiologue' | 'manipulateur' | 'secrétaire' | 'urgentiste' | 'clinicien' | 'maintenance';

/** Words of the human role, as systems tell it. */
export const jobTitles: Readonly<Record<Job, string>> = {
  radiologue: 'Radiologue',
  manipulateur: 'Manipulateur',
  secrétaire: 'Secrétaire médicale',
  urgentiste: 'Urgentiste',
  clinicien: 'Médecin clinicien',
  maintenance: 'Mainteneur'
};

export interface Person {
  readonly login: string;
  readonly name: string;
  readonly family: string;
  readonly given: string;
  readonly job: Job;
  readonly site: string;
  readonly workstation: string;
}

export interface Patient {
  readonly ipp: string;
  readonly ins: string | undefined;
  readonly family: string;
  readonly given: string;
  readonly birthDate: string;
  readonly sex: 'F' | 'M';
}

const crew: Readonly<Record<Job, number>> = {
  radiologue: 8,
  manipulateur: 16,
  secrétaire: 6,
  urgentiste: 6,
  clinicien: 20,
  maintenance: 1
};

/** Staff of a site; smaller sites have fewer people. */
export function staffOf(config: Config, seed: number): Map<string, Person[]> {
  const taken = new Set<string>();
  return new Map(
    config.sites.map((site, index) => {
      const random = new Random(seed, 'staff', site.id);
      const share = [1, 0.55, 0.35][index] ?? 0.35;
      const network = site.networks[0]?.split('.').slice(0, 2).join('.') ?? '10.99';
      const people = (Object.entries(crew) as [Job, number][]).flatMap(([job, count]) =>
        Array.from({ length: Math.max(1, Math.round(count * share)) }, (): Person => {
          const [first, last] = [random.pick(given), random.pick(family)];
          const base = `${first[0]}${last}`.normalize('NFD').replaceAll(/[^A-Za-z]/g, '').toLowerCase(); // prettier-ignore
          let login = base;
          for (let n = 2; taken.has(login); n++) login = `${base}${n}`;
          taken.add(login);
          return {
            login,
            name: `${first} ${last.toUpperCase()}`,
            family: last,
            given: first,
            job,
            site: site.id,
            workstation: `${network}.${random.whole(1, 9)}.${random.whole(10, 250)}`
          };
        })
      );
      return [site.id, people];
    })
  );
}

/** How many patients the group has known. */
const patientCount = 24_000;

/** A patient by number; a few come again and again. */
export function patientFor(seed: number, random: Random): Patient {
  const number = Math.floor(patientCount * random.next() ** 1.6);
  const own = new Random(seed, 'patient', number);
  const year = own.whole(1932, 2023);
  const sex = own.chance(0.53) ? 'F' : 'M';
  const birthDate = `${year}${String(own.whole(1, 12)).padStart(2, '0')}${String(own.whole(1, 28)).padStart(2, '0')}`;
  const ins = own.chance(0.7)
    ? `${sex === 'F' ? 2 : 1}${birthDate.slice(2, 6)}10${String(own.whole(1, 999)).padStart(3, '0')}${String(own.whole(1, 999)).padStart(3, '0')}${String(own.whole(1, 97)).padStart(2, '0')}`
    : undefined;
  return {
    ipp: String(100_000 + number).padStart(10, '0'),
    ins,
    family: own.pick(family).toUpperCase(),
    given: own.pick(given),
    birthDate,
    sex
  };
}
