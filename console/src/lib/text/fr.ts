/** Every word of the console, in French. en.ts has the same shape: the compiler holds them together. */
export const fr = {
  name: 'Vigie',
  skip: 'Aller au contenu',
  simulated: 'Données simulées',
  simulatedWhy: 'Tout ce qui est affiché vient du simulateur : aucun patient, aucune personne n’existe.',
  pages: {
    overview: 'Aperçu',
    access: 'Accès',
    activity: 'Activité',
    traffic: 'Flux',
    storage: 'Stockage',
    sla: 'Engagements',
    sources: 'Sources'
  },
  roles: {
    dsi: 'DSI',
    dpo: 'DPO',
    direction: 'Direction',
    rssi: 'RSSI',
    auditor: 'Auditeur',
    admin: 'Administrateur'
  },
  nav: {
    label: 'Pages',
    account: 'Compte',
    signOut: 'Se déconnecter',
    password: 'Changer le mot de passe',
    language: 'Langue',
    other: 'English'
  },
  shortcuts: {
    title: 'Raccourcis',
    open: 'Afficher les raccourcis',
    go: (page: string) => `Aller à ${page}`,
    search: 'Rechercher',
    close: 'Fermer'
  },
  period: {
    label: 'Période',
    presets: {
      today: 'Aujourd’hui',
      '24h': '24 heures',
      '7d': '7 jours',
      '30d': '30 jours',
      month: 'Ce mois',
      'last-month': 'Mois dernier',
      '12m': '12 mois'
    },
    custom: 'Du … au …',
    from: 'Du',
    to: 'Au',
    apply: 'Appliquer',
    until: (from: string, to: string) => `du ${from} au ${to}`
  },
  scope: { label: 'Sites', all: 'Tous les sites', shared: 'Commun ou inconnu' },
  signIn: {
    title: 'Se connecter',
    login: 'Identifiant',
    password: 'Mot de passe',
    submit: 'Se connecter',
    wrong: 'Identifiant ou mot de passe incorrect.',
    wait: (minutes: number) => `Trop d’essais : attendez ${minutes} min avant de recommencer.`,
    first:
      'Premiers mots de passe : affichés au premier démarrage, et dans passwords.txt du dossier de données.'
  },
  password: {
    title: 'Choisir un mot de passe',
    why: 'Le premier mot de passe ne sert qu’une fois.',
    current: 'Mot de passe actuel',
    next: 'Nouveau mot de passe',
    repeat: 'Nouveau mot de passe, encore une fois',
    rule: 'Au moins 12 caractères, sans votre identifiant.',
    submit: 'Enregistrer',
    faults: {
      wrong: 'Le mot de passe actuel est incorrect.',
      short: 'Il faut au moins 12 caractères.',
      long: 'Au plus 200 caractères.',
      login: 'Il ne doit pas contenir votre identifiant.',
      same: 'Il doit être différent de l’actuel.',
      repeat: 'Les deux saisies diffèrent.'
    }
  },
  states: {
    forbidden: 'Cette page n’est pas pour votre rôle',
    forbiddenWho: (roles: string) => `La voient : ${roles}.`,
    notFound: 'Cette page n’existe pas',
    notFoundWhat: 'Le lien est incomplet ou ce qu’il montrait a été purgé.',
    failed: 'Cette page n’a pas pu être affichée',
    failedWhat:
      'Les messages continuent d’être reçus et conservés. Réessayez ; si cela dure, donnez cette référence :',
    notAudited:
      'Lire le journal est lui-même journalisé, et le collecteur ne répond pas : rien n’est montré. Réessayez dans un instant.',
    panelFailed: 'Ce tableau n’a pas pu être calculé.',
    storeDown:
      'La base ne répond pas : rien n’est perdu, les messages attendent sur le disque du collecteur.',
    loading: 'Chargement…',
    back: 'Retour à l’aperçu',
    retry: 'Réessayer'
  },
  table: {
    copy: 'Copier en CSV',
    copied: 'Copié',
    next: 'Suivants',
    first: 'Plus récents',
    none: '–',
    table: 'Tableau',
    picture: 'Graphique',
    definition: 'Définition',
    rows: 'Les faits'
  },
  overview: {
    pool: 'Pool',
    used: 'Occupé',
    capacity: 'Capacité',
    fullIn: 'Plein dans',
    supplier: 'Fournisseur',
    calm: 'La plateforme fonctionne',
    decisions: (count: number) =>
      count === 1 ? 'un point demande une décision' : `${count} points demandent une décision`,
    nothing: 'rien n’attend de décision',
    troubled: (count: number) =>
      count === 1 ? 'Un service ne répond pas' : `${count} services ne répondent pas`,
    todo: 'À décider',
    seeFacts: 'Voir les faits',
    systems: 'Systèmes',
    system: 'Système',
    state: 'État',
    strip: '24 h, par quart d’heure',
    received: 'Reçu en 24 h',
    heard: 'Vu il y a',
    availability: 'Disponibilité du mois, %',
    target: 'Engagement, %',
    modalities: (site: string) => `Modalités, ${site}`,
    states: {
      works: 'fonctionne',
      down: 'ne répond pas',
      slow: 'interruptions',
      silent: 'muet',
      unknown: 'jamais vu',
      quiet: 'sans contrôle'
    },
    emitting: (speaking: number, all: number) => `${speaking} sur ${all} émettent`,
    stripText: (good: number, bad: number, none: number) =>
      `Sur 96 quarts d’heure : ${good} sans échec, ${bad} avec échec, ${none} sans donnée.`,
    accessKinds: 'Accès par acte et établissement, sur la période',
    act: 'Acte',
    events: 'Événements',
    users: 'Personnes',
    chain: 'Journal',
    chainUntil: (when: string) => `Dernier bloc signé : ${when}.`,
    chainBlocks: (blocks: number, records: string) => `${blocks} blocs signés, ${records} réceptions.`,
    chainNot: 'La vérification de la chaîne arrive avec la page Preuves.',
    sourcesSilent: 'Sources muettes ou inconnues',
    exams: 'Examens terminés par site, ce mois-ci',
    examsBefore: 'Mois dernier, mêmes jours',
    exam: 'Examens',
    change: 'Évolution',
    suppliers: 'Engagements des fournisseurs, mois dernier',
    kept: 'tenu',
    missed: 'non tenu',
    measured: 'Mesuré, %',
    noObjectives: 'Aucun engagement n’est déclaré dans vigie.yaml.',
    accesses: (count: string) => `${count} accès sur la période`,
    examsEnded: (count: string) => `${count} examens terminés ce mois-ci`,
    noData: 'Rien n’a encore été reçu : brancher une source, ou démarrer le simulateur.',
    updated: (when: string) => `Mis à jour ${when}.`
  },
  signals: {
    'source-silent': (p: Params) =>
      `${p['name']} n’a rien envoyé depuis ${p['silence']} ; on attend un message au moins toutes les ${p['limit']}.`,
    'service-down': (p: Params) => `${p['name']} ne répond pas aux contrôles depuis ${p['since']}.`,
    'objective-at-risk': (p: Params) => `${p['name']} : ${p['used']} % de la marge du mois est consommée.`,
    'objective-missed': (p: Params) =>
      `${p['name']} : ${p['measured']} % ce mois-ci, sous l’engagement de ${p['target']} %.`,
    'storage-filling': (p: Params) =>
      `Le pool ${p['name']} sera plein dans ${p['days']} jours au rythme des 30 derniers.`,
    'quarantine-rising': (p: Params) => `${p['name']} : ${p['count']} messages incompris en une heure.`,
    'modality-silent': (p: Params) =>
      `${p['name']} n’a rien envoyé depuis ${p['silence']} pendant ses heures d’ouverture.`,
    simulation: () => 'Les données sont simulées.'
  },
  severity: { info: 'information', warning: 'attention', critical: 'critique' },
  access: {
    headline: (events: string) => `${events} accès sur la période`,
    none: 'Aucun accès sur la période',
    noneWhy:
      'Aucune source n’a envoyé d’audit pour ces critères : élargir la période, retirer un filtre, ou brancher une source.',
    histogram: 'Accès par tranche de temps',
    when: 'Quand',
    act: 'Acte',
    who: 'Qui',
    patient: 'Patient',
    site: 'Site',
    source: 'Source',
    outcome: 'Issue',
    from: 'Depuis',
    facets: {
      event: 'Acte',
      site: 'Site',
      source: 'Source',
      action: 'Action',
      outcome: 'Issue',
      role: 'Rôle',
      emergency: 'Accès en urgence'
    },
    emergencyYes: 'En urgence',
    emergencyNo: 'Ordinaire',
    user: 'Utilisateur (identifiant exact)',
    study: 'Étude ou accession',
    filter: 'Filtrer',
    clear: 'Retirer les filtres',
    recent: 'Les plus récents d’abord',
    range: (shown: string, all: string) => `${shown} sur ${all}`,
    patientSearch: 'Chercher un patient',
    patientId: 'Identifiant (IPP ou INS)',
    patientPurpose: 'Motif',
    patientSubmit: 'Chercher',
    patientNote: 'La recherche est journalisée. L’identifiant n’est ni gardé ni mis dans l’adresse.',
    patientActive: 'Accès à un patient recherché',
    patientEnd: 'Quitter cette recherche',
    patientExpired: 'Cette recherche a expiré ou n’est pas la vôtre : recommencer.',
    hiddenWho: 'Les personnes et les patients ne sont pas visibles pour votre rôle.',
    systemActor: 'Système',
    several: (count: number) => `et ${count} autres`,
    unknownRole: 'Rôle non dit'
  },
  event: {
    title: 'Un accès',
    sentence: (who: string, act: string, when: string, site: string) =>
      `${who} : ${act}, le ${when}${site ? `, ${site}` : ''}.`,
    facts: 'Les faits',
    occurred: 'Acte',
    sent: 'Envoyé',
    received: 'Reçu',
    delay: 'Écart entre acte et réception',
    source: 'Système source',
    transport: 'Réception',
    emergency: 'Accès en urgence',
    purpose: 'Motif dit par la source',
    participants: 'Participants',
    objects: 'Objets',
    kind: 'Nature',
    id: 'Identifiant',
    role: 'Rôle',
    requestor: 'À l’initiative',
    accessPoint: 'Point d’accès',
    studies: 'Études',
    accessions: 'Accessions',
    modalities: 'Modalités',
    instances: 'Images',
    repairs: 'Réparé à la lecture',
    evidence: 'Preuve',
    block: (block: string, rank: string) => `bloc ${block}, rang ${rank}`,
    signed: 'en-tête signé',
    pending: 'en-tête pas encore enregistré',
    receptions: 'Reçu aussi',
    receptionsNone: 'Reçu une seule fois.',
    reveal: 'Voir les identités',
    raw: 'Message d’origine',
    purposeLabel: 'Motif de la consultation',
    reference: 'Référence (numéro de demande, de dossier…)',
    referenceRule: 'Au moins 4 caractères.',
    open: 'Ouvrir',
    opened: 'Ouvert pour cette fois, et journalisé.',
    audited: (id: string) => `Consultation journalisée sous ${id}.`,
    notAudited: 'Le collecteur n’a pas pu journaliser la consultation : rien n’est montré. Réessayer.',
    noVault: 'Cette console n’a pas la clé du coffre : les identités ne peuvent pas y être ouvertes.',
    noIdentity: 'Aucune identité n’est conservée pour ce pseudonyme.',
    rawGone: 'Le message d’origine a été purgé ou n’est pas encore enregistré.',
    kinds: { person: 'Personne', application: 'Application', device: 'Équipement' },
    objectKinds: {
      person: 'Personne',
      system: 'Objet du système',
      organisation: 'Organisation',
      other: 'Autre'
    },
    purposes: {
      'patient-request': 'Demande d’un patient',
      complaint: 'Plainte',
      control: 'Contrôle régulier',
      incident: 'Incident de sécurité',
      authority: 'Demande d’une autorité'
    }
  },
  sources: {
    headlineCalm: (count: number) => `${count} sources ont parlé, aucune n’est muette`,
    headlineSilent: (silent: number, count: number) => `${silent} sources muettes sur ${count}`,
    none: 'Aucune source n’a encore rien envoyé',
    noneWhy: 'Brancher une source : voir docs/inputs, un système par page.',
    table: 'Sources',
    source: 'Source',
    state: 'État',
    heard: 'Entendue il y a',
    limit: 'Silence toléré',
    lag: 'Retard moyen, 1 h',
    received: 'Reçus',
    stored: 'Enregistrés',
    duplicate: 'Répétés',
    quarantined: 'Incompris',
    volume: 'Volume',
    states: {
      speaks: 'parle',
      silent: 'muette',
      undeclared: 'non déclarée',
      never: 'jamais entendue',
      free: 'sans rythme déclaré'
    },
    spooled: 'En attente sur le disque du collecteur',
    spooledUnknown: 'Le collecteur ne répond pas : ce qui attend sur son disque n’est pas connu.',
    balance: 'Reçus = enregistrés + répétés + incompris, pour chaque source et chaque minute.',
    quarantine: 'Messages incompris',
    reason: 'Raison',
    detail: 'Détail',
    count: 'Messages',
    last: 'Dernier',
    noQuarantine: 'Tous les messages de la période ont été compris.',
    reasons: {
      oversize: 'trop grand',
      'not-utf8': 'encodage illisible',
      'no-xml': 'sans XML',
      'not-well-formed': 'XML incorrect',
      'doctype-refused': 'DOCTYPE refusé',
      'too-deep': 'trop imbriqué',
      'not-an-audit-message': 'pas un message d’audit',
      'missing-field': 'champ manquant',
      'bad-value': 'valeur incorrecte',
      'bad-json': 'JSON incorrect',
      'bad-hl7': 'HL7 incorrect',
      'unsupported-message': 'message non pris en charge',
      'unknown-system': 'système inconnu',
      'row-refused': 'refusé par la base'
    }
  }
};

/** Figures of a signal's sentence, already formatted. */
export type Params = Readonly<Record<string, string>>;
type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widen<T[K]> };
export type Dictionary = Widen<typeof fr>;
