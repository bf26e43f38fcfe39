/** A count with its noun. */
const some = (count: string, one: string, many: string) =>
  `${count} ${count === '1' || count === '0' ? one : many}`;

/** Words of the explorer of accesses, its timelines, exports and saved searches, in French. */
export const explorerFr = {
  filters: 'Filtres',
  active: 'Filtres en cours',
  remove: (what: string) => `Retirer : ${what}`,
  facets: {
    event: 'Acte',
    site: 'Site',
    source: 'Source',
    role: 'Rôle',
    modality: 'Modalité',
    action: 'Action',
    outcome: 'Issue',
    emergency: 'Accès en urgence'
  },
  noModality: 'Sans modalité',
  histogram: 'Messages par tranche de temps',
  messagesWord: 'Messages',
  brush: 'Glisser sur les colonnes resserre la période.',
  brushKeys:
    'Flèches pour choisir une colonne, Maj et flèches pour en choisir plusieurs, Entrée pour y resserrer la période.',
  picked: (from: string, to: string, events: string) => `Du ${from} au ${to} : ${events} messages`,
  counts: (acts: string, messages: string, total: string) =>
    `${some(acts, 'acte dit', 'actes dits')} par ${some(messages, 'message', 'messages')} sur cette page, ${some(total, 'message', 'messages')} en tout`,
  witnesses: 'Témoins',
  messages: (count: number) => some(String(count), 'message', 'messages'),
  seek: 'Chercher',
  seekKind: 'Quoi',
  kinds: { patient: 'Un patient', user: 'Un utilisateur', study: 'Une étude' },
  seekWhat: {
    patient: 'IPP, INS ou identifiant HL7 (id^^^autorité)',
    user: 'Identifiant de connexion, AE title ou pseudonyme',
    study: 'UID d’étude ou numéro d’accession'
  },
  seekNote: 'La recherche est journalisée. Ce qui est saisi n’est jamais mis dans l’adresse.',
  seekFault: 'Saisir un identifiant, et un motif pour un patient.',
  soughtChip: { patient: 'Un patient', user: 'Un utilisateur', study: 'Une étude' },
  timeline: 'Chronologie',
  timelineOf: {
    patient: 'Qui a vu ce patient',
    user: 'Ce qu’a fait cet utilisateur',
    study: 'La vie de cette étude'
  },
  timelineSum: (acts: string, messages: string) =>
    `${some(acts, 'acte dit', 'actes dits')} par ${some(messages, 'message', 'messages')}`,
  year: 'Jour par jour',
  yearText: (days: string, events: string, most: string, when: string) =>
    `${some(events, 'message', 'messages')} sur ${some(days, 'jour', 'jours')}, au plus ${most} le ${when}.`,
  dayEvents: (day: string, events: string) => `${day} : ${some(events, 'message', 'messages')}`,
  allDays: 'Tous les jours',
  follow: {
    patient: 'Chronologie du patient',
    user: 'Chronologie de l’utilisateur',
    study: 'Chronologie de l’étude'
  },
  list: 'Voir en liste',
  nothing: 'Rien sur la période.',
  told: 'Dit par',
  toldNote:
    'Plusieurs systèmes disent le même acte : même étude ou patient, même nature, à quelques minutes.',
  toldOnce: 'Un seul message dit cet acte.',
  here: 'ce message',
  receptionCount: (count: string) => `reçu ${count} fois`,
  saved: 'Recherches enregistrées',
  save: 'Enregistrer cette recherche',
  saveName: 'Nom',
  saveFull: 'Cent recherches sont déjà enregistrées : en supprimer une.',
  saveRule: 'Donner un nom de 1 à 80 caractères.',
  rename: 'Renommer',
  remove1: 'Supprimer',
  savedNone: 'Aucune recherche enregistrée.',
  savedGone: 'Cette recherche n’existe plus.',
  exported: 'Exporter',
  exportNote: (total: string) =>
    `${total} messages, sous pseudonymes. L’export est journalisé ; un manifeste signé dit la requête, le nombre de lignes, l’empreinte du fichier et les blocs dont il vient.`,
  exportFormat: 'Format',
  exportFormats: {
    csv: 'CSV',
    xlsx: 'Excel (XLSX)',
    bundle: 'FHIR Bundle (JSON)',
    fhir: 'FHIR AuditEvent (NDJSON)'
  },
  exportStart: 'Préparer l’export',
  exportDownload: 'Télécharger',
  exportManifest: 'Manifeste signé',
  exportSignature: 'Signature',
  exportNoKey: 'La clé keys/console.key manque : aucun export ne peut être signé. Le démarrage la crée.',
  exportCancel: 'Annuler',
  exportStates: {
    ready: 'prêt à télécharger',
    running: 'en cours',
    done: 'terminé',
    cancelled: 'annulé',
    failed: 'interrompu'
  },
  exportRows: (rows: string, expected: string) => `${rows} sur environ ${expected} lignes`,
  exportDone: (rows: string, size: string) => `${rows} lignes, ${size}`,
  exports: 'Exports récents',
  exportsNone: 'Aucun export.',
  exportPage:
    'Les fichiers ne sont pas gardés : un export se télécharge une fois, son manifeste reste une journée.'
};
