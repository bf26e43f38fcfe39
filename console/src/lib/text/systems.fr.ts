/** Words of the pages about one system, in French. */
export const systemsFr = {
  headline: (count: string, troubled: number) =>
    troubled === 0
      ? `${count} systèmes suivis, aucun en difficulté`
      : troubled === 1
        ? `Un système en difficulté sur ${count}`
        : `${troubled} systèmes en difficulté sur ${count}`,
  index: 'Tous les systèmes',
  state: 'État',
  strip: '24 h, par quart d’heure',
  heard: 'Vu il y a',
  never: 'jamais',
  availability: 'Disponibilité du mois',
  target: (percent: string) => `engagement ${percent}`,
  declared: 'Comment Vigie le reconnaît',
  kind: 'Nature',
  site: 'Site',
  shared: 'partagé par le groupe',
  silence: 'Silence anormal après',
  rhythm: 'Son rythme',
  rhythmOf: (usual: string) => `à cette heure, jusqu’à ${usual} de silence neuf jours sur dix`,
  noRhythm: 'pas encore assez entendu pour en connaître un',
  nothingDeclared:
    'vigie.yaml ne donne aucune entrée à ce système : Vigie n’en sait que ce que d’autres en disent.',
  ways: {
    key: 'JSON et FHIR par HTTP (clé)',
    certificate: 'Syslog TLS (certificat)',
    audit: 'Audits ATNA (nom d’émetteur)',
    host: 'Syslog (nom d’hôte)',
    network: 'Syslog, HTTP (adresse)',
    hl7: 'HL7 par MLLP (application)',
    dicom: 'DICOM, vu par un observateur (AE)',
    pull: 'Interrogé par Vigie',
    metrics: 'Métriques OTLP ou Prometheus (règles)',
    probe: 'Sondé par Vigie',
    observer: 'Échanges comptés par'
  },
  unverified: 'Ce qui n’est pas vérifié avec le produit de l’éditeur',
  unverifiedKinds: {
    pacs: 'Essayé avec Orthanc, DCMTK et des messages de la norme ; aucun PACS du commerce n’a été branché.',
    vna: 'Essayé avec Orthanc et DCMTK ; aucune archive neutre du commerce n’a été branchée.',
    ris: 'Essayé avec des messages HL7 v2 et les profils IHE ; aucun RIS du commerce n’a été branché.',
    viewer:
      'Essayé avec nginx devant Orthanc et le visualiseur OHIF ; aucun visualiseur du commerce n’a été branché.',
    portal:
      'Essayé avec des AuditEvent FHIR et des audits de la norme ; le portail de l’éditeur n’a pas été branché.',
    archive: 'Essayé avec Orthanc et DCMTK ; l’archive de l’hébergeur n’a pas été branchée.',
    ai: 'Essayé avec des C-STORE de SR et le JSON de Vigie ; aucune IA du commerce n’a été branchée.',
    modality: 'Essayée avec les outils de DCMTK ; aucune modalité réelle n’a été branchée.',
    gateway: 'Essayée avec les exports documentés ; aucune passerelle réelle n’a été branchée.',
    sensor:
      'Essayé avec DCMTK, Orthanc et dcmjs-dimse en boucle locale, contre tshark ; aucun port miroir d’un commutateur d’hôpital n’a été branché.',
    other: 'Aucun produit réel de cette nature n’a été branché.'
  },
  yes: 'déclaré',
  nothing: 'Rien sur la période',
  kinds: {
    pacs: 'PACS',
    vna: 'Archive neutre (VNA)',
    ris: 'RIS',
    viewer: 'Visualiseur web',
    portal: 'Portail patient',
    archive: 'Archive externe',
    ai: 'Intelligence artificielle',
    modality: 'Modalité',
    gateway: 'Passerelle',
    sensor: 'Capteur réseau',
    other: 'Autre'
  },
  sourcePage: 'Détail de ce qu’il envoie'
};
