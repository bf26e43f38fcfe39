import type { Label } from '../config/primitives.ts';

/**
 * What Vigie's own events tell as event types beside DICOM's, by the event they stand on: other senders may use the same codes on
 * others. A name that ends with a colon is a beginning, what follows it a value.
 */
export const vigieActs: Readonly<Record<string, Readonly<Record<string, Label>>>> = {
  '110101': {
    list: { fr: 'Lecture du journal', en: 'Log read' },
    'patient-search': { fr: "Recherche d'un patient dans le journal", en: 'Log searched for a patient' },
    'user-search': { fr: "Recherche d'un utilisateur dans le journal", en: 'Log searched for a user' },
    'study-search': { fr: "Recherche d'une étude dans le journal", en: 'Log searched for a study' },
    read: { fr: "Lecture d'un événement par un programme", en: 'Event read by a program' },
    reveal: { fr: "Ouverture d'identités", en: 'Identities opened' },
    raw: { fr: "Ouverture d'un message brut", en: 'Raw message opened' },
    proof: { fr: "Preuve d'un événement", en: 'Proof of an event' },
    evidence: { fr: "Contrôle de l'intégrité demandé", en: 'Check of the evidence asked for' },
    'evidence-verify': { fr: "Contrôle de l'intégrité", en: 'Evidence verified' },
    'evidence-publish': { fr: 'Publication de la preuve', en: 'Evidence published' }
  },
  '110106': {
    csv: { fr: "Export d'accès (CSV)", en: 'Accesses exported (CSV)' },
    xlsx: { fr: "Export d'accès (XLSX)", en: 'Accesses exported (XLSX)' },
    bundle: { fr: "Export d'accès (Bundle FHIR)", en: 'Accesses exported (FHIR Bundle)' },
    fhir: { fr: "Export d'accès (FHIR, NDJSON)", en: 'Accesses exported (FHIR, NDJSON)' },
    'report-made': { fr: 'Rapport mensuel produit', en: 'Monthly report made' },
    'report-taken': { fr: 'Rapport mensuel téléchargé', en: 'Monthly report downloaded' }
  },
  '110112': {
    'ITI-81': { fr: 'Recherche par un programme (ITI-81)', en: 'Searched by a program (ITI-81)' },
    'ITI-82': { fr: 'Recherche par un programme (ITI-82)', en: 'Searched by a program (ITI-82)' }
  },
  '110113': {
    'retention-purge': { fr: 'Purge de conservation', en: 'Purge by retention' },
    'hold-add': { fr: 'Gel de données', en: 'Legal hold' },
    'hold-lift': { fr: 'Fin de gel', en: 'Legal hold lifted' },
    'vault-unlink': { fr: "Effacement d'une identité", en: 'Identity unlinked' },
    'vault-redact': { fr: "Effacement d'un message", en: 'Message redacted' },
    'vault-rotate': { fr: 'Nouvelle clé du coffre', en: 'New key of the vault' },
    'evidence-rotate': { fr: 'Nouvelle clé de preuve', en: 'New key of the evidence' },
    replay: { fr: 'Relecture des messages', en: 'Messages decoded anew' },
    'token:created': { fr: 'Jeton de recherche créé', en: 'Search token made' },
    'token:revoked': { fr: 'Jeton de recherche révoqué', en: 'Search token revoked' },
    'config:': { fr: 'Configuration modifiée', en: 'Configuration changed' }
  }
};
