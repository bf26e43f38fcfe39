import type { Language } from '#lib/text/language.ts';
import type { LineId, LineState } from './lines.ts';

interface LineWords {
  readonly title: string;
  /** How it is counted. */
  readonly definition: string;
  /** What to send so that it is measured. */
  readonly feed: string;
}

const fr = {
  headline: (ready: number, of: number, site: string) =>
    ready === of ? `${site} : les ${of} points sont prêts` : `${site} : ${ready} points prêts sur ${of}`,
  headlines: (sites: number) => `${sites} sites rejoignent la plateforme`,
  none: 'Aucun site ne rejoint la plateforme',
  noneWhy:
    'Donner la date de mise en service d’un site (sites[].live_on dans vigie.yaml) pour suivre son arrivée ici.',
  since: (date: string, days: number) =>
    days >= 0
      ? `En service depuis le ${date} (${days} jours).`
      : `Mise en service prévue le ${date}, dans ${-days} jours.`,
  windows: 'Chiffres des 7 derniers jours ; modalités et liste de travail sur 30 jours.',
  line: 'Point',
  state: 'État',
  figure: 'Mesure',
  threshold: 'Seuil',
  behind: 'Derrière',
  of: (part: string, of: string) => `${part} sur ${of}`,
  senders: (count: string) => `${count} inconnu(s)`,
  atLeast: (value: string) => `≥ ${value}`,
  atMost: (value: string) => `≤ ${value}`,
  open: 'Voir les faits',
  feed: 'Pour le mesurer :',
  states: {
    ready: 'prêt',
    short: 'sous le seuil',
    unmeasured: 'non mesuré',
    withheld: 'trop peu pour être montré'
  } satisfies Record<LineState, string>,
  lines: {
    modalities: {
      title: 'Matrice AE : modalités essayées',
      definition:
        'Modalités déclarées du site dont un envoi d’images (C-STORE) a réussi, quel qu’en soit l’observateur.',
      feed: 'déclarer les modalités du site dans vigie.yaml (systems, kind: modality, ae_titles).'
    },
    echo: {
      title: 'C-ECHO des services',
      definition:
        'Contrôles C-ECHO réussis sur les contrôles faits, de Vigie vers PACS, VNA et archive. Ils disent si le service répond, non si le pare-feu du site laisse passer.',
      feed: 'ajouter une sonde (probes, kind: c-echo) : docs/inputs/probes.md.'
    },
    worklist: {
      title: 'Liste de travail',
      definition:
        'Modalités déclarées du site qui ont demandé leur liste de travail (Modality Worklist, 1.2.840.10008.5.1.4.31).',
      feed: 'la sonde passive d’un port recopié voit les demandes de liste : docs/inputs/dicom-sensor.md.'
    },
    ins: {
      title: 'INS qualifiée',
      definition:
        'Examens dont un message dit l’INS du patient qualifiée (INS en PID-3, VALI en PID-32), sur tous les examens du site dont on a entendu parler.',
      feed: 'les messages HL7 du RIS doivent porter PID-32 ou l’INS en PID-3 : docs/inputs/hl7-mllp.md.'
    },
    complete: {
      title: 'Complétude : images disponibles',
      definition:
        'Examens terminés dont les images ont été dites disponibles (jalon « available ») ou trouvées dans une archive par son recensement (numéro d’accession), jours finis.',
      feed: 'le RIS ou le PACS doit dire le jalon « available » (docs/inputs/http-json.md), ou une archive être recensée (docs/inputs/census.md).'
    },
    senders: {
      title: 'Émetteurs inconnus',
      definition: 'AE appelants et sources de messages du site que vigie.yaml ne déclare pas, sur 7 jours.',
      feed: ''
    },
    volume: {
      title: 'Premiers jours : volume attendu',
      definition:
        'Examens terminés des 7 derniers jours finis, sur ceux qu’on attend (going_live.expected, examens par jour).',
      feed: 'donner le volume d’avant (going_live.expected) ; mesuré après 7 jours de service.'
    }
  } satisfies Record<LineId, LineWords>,
  missing: 'Modalités sans envoi d’images',
  modality: 'Modalité',
  echoed: 'C-ECHO seulement',
  nothing: 'rien reçu',
  unknown: 'Émetteurs à déclarer',
  sender: 'Émetteur',
  kind: 'Nature',
  kinds: { ae: 'AE DICOM', source: 'source de messages' } as Readonly<Record<string, string>>,
  seen: 'Vus',
  last: 'Dernier',
  firstDays: (first: string, last: string, expected: string) =>
    `Examens par jour : ${first} les 7 premiers jours, ${last} les 7 derniers finis, ${expected} attendus.`,
  untold: 'non connu',
  migrations: 'Avant et après une migration',
  migration: (from: string, to: string, date: string) => `De ${from} vers ${to}, le ${date}`,
  migrationWindows: (before: number, after: number) => `${before} jours avant, ${after} jours après.`,
  archive: 'Archive',
  measure: 'Mesure',
  before: 'Avant',
  after: 'Après',
  transfers: 'Envois reçus (C-STORE)',
  failed: 'Envois en échec',
  speed: 'Débit pendant les envois',
  available: 'Contrôles réussis',
  studies: 'Études détenues (dernier recensement)',
  noStudies: 'Pas de recensement : déclarer l’archive en pulls (kind: census), docs/inputs/census.md.',
  definition:
    'Débit : octets reçus sur durée cumulée des échanges. Les échecs sont les échanges qui ne finissent ni bien ni avec avertissement. Source : ops.transfer_hourly, ops.probe_minute.'
};
const en: GoingLiveWords = {
  headline: (ready, of, site) =>
    ready === of ? `${site}: all ${of} points are ready` : `${site}: ${ready} of ${of} points are ready`,
  headlines: (sites) => `${sites} sites are joining the platform`,
  none: 'No site is joining the platform',
  noneWhy:
    'Give the day on which a site goes live (sites[].live_on in vigie.yaml) to follow its arrival here.',
  since: (date, days) =>
    days >= 0 ? `Live since ${date} (${days} days).` : `Going live on ${date}, in ${-days} days.`,
  windows: 'Figures of the last 7 days; modalities and worklist of 30 days.',
  line: 'Point',
  state: 'State',
  figure: 'Measured',
  threshold: 'Threshold',
  behind: 'Behind',
  of: (part, of) => `${part} of ${of}`,
  senders: (count) => `${count} unknown`,
  atLeast: (value) => `≥ ${value}`,
  atMost: (value) => `≤ ${value}`,
  open: 'See the facts',
  feed: 'To measure it:',
  states: {
    ready: 'ready',
    short: 'below the threshold',
    unmeasured: 'not measured',
    withheld: 'too few to be shown'
  },
  lines: {
    modalities: {
      title: 'AE matrix: modalities tried',
      definition:
        'Declared modalities of the site of which one sending of images (C-STORE) succeeded, whoever observed it.',
      feed: 'declare the modalities of the site in vigie.yaml (systems, kind: modality, ae_titles).'
    },
    echo: {
      title: 'C-ECHO of the services',
      definition:
        'Successful C-ECHO checks of those made, from Vigie to PACS, VNA and archive. They tell whether the service answers, not whether the site’s firewall lets through.',
      feed: 'add a probe (probes, kind: c-echo): docs/inputs/probes.md.'
    },
    worklist: {
      title: 'Worklist',
      definition:
        'Declared modalities of the site that asked for their worklist (Modality Worklist, 1.2.840.10008.5.1.4.31).',
      feed: 'the passive sensor on a mirrored port sees worklist queries: docs/inputs/dicom-sensor.md.'
    },
    ins: {
      title: 'Qualified national identifier (INS)',
      definition:
        'Exams of which a message tells the patient’s INS qualified (INS in PID-3, VALI in PID-32), of all exams of the site that were heard of.',
      feed: 'HL7 messages of the RIS must carry PID-32, or the INS in PID-3: docs/inputs/hl7-mllp.md.'
    },
    complete: {
      title: 'Completeness: images available',
      definition:
        'Ended exams whose images were told available (milestone “available”), or found in an archive by its census (accession number), finished days.',
      feed: 'RIS or PACS must tell the milestone “available” (docs/inputs/http-json.md), or an archive be counted (docs/inputs/census.md).'
    },
    senders: {
      title: 'Unknown senders',
      definition:
        'Calling AE titles and sources of messages of the site that vigie.yaml does not declare, in 7 days.',
      feed: ''
    },
    volume: {
      title: 'First days: expected volume',
      definition:
        'Exams ended in the last 7 finished days, of those expected (going_live.expected, exams a day).',
      feed: 'give the volume before (going_live.expected); measured after 7 days live.'
    }
  },
  missing: 'Modalities that have sent no images',
  modality: 'Modality',
  echoed: 'C-ECHO only',
  nothing: 'nothing received',
  unknown: 'Senders to declare',
  sender: 'Sender',
  kind: 'Kind',
  kinds: { ae: 'DICOM AE', source: 'source of messages' },
  seen: 'Seen',
  last: 'Last',
  firstDays: (first, last, expected) =>
    `Exams a day: ${first} in the first 7 days, ${last} in the last 7 finished ones, ${expected} expected.`,
  untold: 'not known',
  migrations: 'Before and after a migration',
  migration: (from, to, date) => `From ${from} to ${to}, on ${date}`,
  migrationWindows: (before, after) => `${before} days before, ${after} days after.`,
  archive: 'Archive',
  measure: 'Measure',
  before: 'Before',
  after: 'After',
  transfers: 'Transfers taken in (C-STORE)',
  failed: 'Failed transfers',
  speed: 'Throughput while sending',
  available: 'Successful checks',
  studies: 'Studies held (latest census)',
  noStudies: 'No census: declare the archive among pulls (kind: census), docs/inputs/census.md.',
  definition:
    'Throughput: bytes taken in over the sum of durations. Failed are transfers that end neither well nor with a warning. Source: ops.transfer_hourly, ops.probe_minute.'
};
type GoingLiveWords = typeof fr;
export const goingLiveWords = (language: Language): GoingLiveWords => (language === 'fr' ? fr : en);
