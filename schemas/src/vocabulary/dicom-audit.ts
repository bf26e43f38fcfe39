import type { Label } from '../config/primitives.ts';

/** EventID codes of DICOM PS3.15 A.5 and IHE, with the words of the console. */
export const eventIds: Readonly<Record<string, Label>> = {
  '110100': { fr: "Activité d'application", en: 'Application activity' },
  '110101': { fr: "Lecture d'un journal", en: 'Audit log used' },
  '110102': { fr: "Début d'envoi d'images", en: 'Begin transferring images' },
  '110103': { fr: "Consultation d'images", en: 'Images accessed' },
  '110104': { fr: 'Envoi entre systèmes', en: 'Images transferred' },
  '110105': { fr: "Suppression d'étude", en: 'Study deleted' },
  '110106': { fr: 'Export', en: 'Export' },
  '110107': { fr: 'Import', en: 'Import' },
  '110108': { fr: 'Entrée sur le réseau', en: 'Network entry' },
  '110109': { fr: 'Demande', en: 'Order record' },
  '110110': { fr: 'Dossier du patient', en: 'Patient record' },
  '110111': { fr: 'Acte', en: 'Procedure record' },
  '110112': { fr: 'Recherche', en: 'Query' },
  '110113': { fr: 'Alerte de sécurité', en: 'Security alert' },
  '110114': { fr: 'Authentification', en: 'User authentication' },
  IHE0001: { fr: 'Prestation de soins', en: 'Health service event' },
  IHE0002: { fr: 'Médication', en: 'Medication event' },
  IHE0003: { fr: 'Affectation de ressource', en: 'Resource assignment' },
  IHE0004: { fr: 'Épisode de soins', en: 'Care episode' },
  IHE0005: { fr: 'Protocole de soins', en: 'Care protocol' },
  IHE0006: { fr: 'Divulgation', en: 'Disclosure' }
};

/** EventTypeCode codes of DICOM PS3.15 A.5. */
export const eventTypes: Readonly<Record<string, Label>> = {
  '110120': { fr: "Démarrage d'application", en: 'Application start' },
  '110121': { fr: "Arrêt d'application", en: 'Application stop' },
  '110122': { fr: 'Connexion', en: 'Login' },
  '110123': { fr: 'Déconnexion', en: 'Logout' },
  '110124': { fr: 'Branchement', en: 'Attach' },
  '110125': { fr: 'Débranchement', en: 'Detach' },
  '110126': { fr: 'Authentification de nœud', en: 'Node authentication' },
  '110127': { fr: "Début d'accès en urgence", en: 'Emergency override started' },
  '110128': { fr: 'Configuration du réseau', en: 'Network configuration' },
  '110129': { fr: 'Configuration de la sécurité', en: 'Security configuration' },
  '110130': { fr: 'Configuration du matériel', en: 'Hardware configuration' },
  '110131': { fr: 'Configuration du logiciel', en: 'Software configuration' },
  '110132': { fr: "Usage d'une fonction réservée", en: 'Use of restricted function' },
  '110133': { fr: "Arrêt de l'enregistrement", en: 'Audit recording stopped' },
  '110134': { fr: "Début de l'enregistrement", en: 'Audit recording started' },
  '110135': { fr: "Droits d'un objet modifiés", en: 'Object security attributes changed' },
  '110136': { fr: 'Rôles modifiés', en: 'Security roles changed' },
  '110137': { fr: "Droits d'un utilisateur modifiés", en: 'User security attributes changed' },
  '110138': { fr: "Fin d'accès en urgence", en: 'Emergency override stopped' },
  '110139': { fr: 'Début de télémaintenance', en: 'Remote service started' },
  '110140': { fr: 'Fin de télémaintenance', en: 'Remote service stopped' },
  '110141': { fr: 'Début de maintenance locale', en: 'Local service started' },
  '110142': { fr: 'Fin de maintenance locale', en: 'Local service stopped' }
};

export const actions: Readonly<Record<string, Label>> = {
  C: { fr: 'Création', en: 'Create' },
  R: { fr: 'Lecture', en: 'Read' },
  U: { fr: 'Modification', en: 'Update' },
  D: { fr: 'Suppression', en: 'Delete' },
  E: { fr: 'Exécution', en: 'Execute' }
};

/** EventOutcomeIndicator of RFC 3881. */
export const outcomes: Readonly<Record<number, Label>> = {
  0: { fr: 'Succès', en: 'Success' },
  4: { fr: 'Échec mineur', en: 'Minor failure' },
  8: { fr: 'Échec grave', en: 'Serious failure' },
  12: { fr: 'Échec majeur', en: 'Major failure' }
};

/** RoleIDCode of DICOM PS3.15 A.5. */
export const roleIds: Readonly<Record<string, Label>> = {
  '110150': { fr: 'Application', en: 'Application' },
  '110151': { fr: "Lanceur d'application", en: 'Application launcher' },
  '110152': { fr: 'Destination', en: 'Destination' },
  '110153': { fr: 'Source', en: 'Source' },
  '110154': { fr: 'Support de destination', en: 'Destination media' },
  '110155': { fr: 'Support source', en: 'Source media' }
};

/** ParticipantObjectTypeCodeRole of RFC 3881. */
export const objectRoles: Readonly<Record<string, Label>> = {
  '1': { fr: 'Patient', en: 'Patient' },
  '2': { fr: 'Lieu', en: 'Location' },
  '3': { fr: 'Compte rendu ou étude', en: 'Report or study' },
  '4': { fr: 'Ressource', en: 'Domain resource' },
  '5': { fr: 'Fichier de référence', en: 'Master file' },
  '6': { fr: 'Utilisateur', en: 'User' },
  '7': { fr: 'Liste', en: 'List' },
  '8': { fr: 'Médecin', en: 'Doctor' },
  '9': { fr: 'Abonné', en: 'Subscriber' },
  '10': { fr: 'Garant', en: 'Guarantor' },
  '11': { fr: 'Utilisateur (sécurité)', en: 'Security user entity' },
  '12': { fr: 'Groupe (sécurité)', en: 'Security user group' },
  '13': { fr: 'Ressource de sécurité', en: 'Security resource' },
  '14': { fr: 'Granularité de sécurité', en: 'Security granularity' },
  '15': { fr: 'Professionnel', en: 'Provider' },
  '16': { fr: 'Destination de données', en: 'Data destination' },
  '17': { fr: 'Archive', en: 'Data archive' },
  '18': { fr: 'Planning', en: 'Schedule' },
  '19': { fr: 'Client', en: 'Customer' },
  '20': { fr: 'Tâche', en: 'Job' },
  '21': { fr: 'Flux de tâches', en: 'Job stream' },
  '22': { fr: 'Table', en: 'Table' },
  '23': { fr: 'Critère de routage', en: 'Routing criteria' },
  '24': { fr: 'Recherche', en: 'Query' },
  '25': { fr: 'Source de données', en: 'Data source' },
  '26': { fr: 'Élément de traitement', en: 'Processing element' }
};
