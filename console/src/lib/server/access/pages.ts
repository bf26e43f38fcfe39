import type { Role } from '@vigie/schemas';

/** Pages of the console, named by their question. */
export const pages = [
  'overview',
  'access',
  'activity',
  'turnaround',
  'capacity',
  'traffic',
  'arrival',
  'storage',
  'sla',
  'reports',
  'going-live',
  'systems',
  'sources',
  'evidence'
] as const;
export type Page = (typeof pages)[number];

/** What a reader may do beside seeing pages. */
export const permissions = ['see-pseudonyms', 'search-patient', 'reveal', 'see-raw', 'export'] as const;
export type Permission = (typeof permissions)[number];

/** The one table of who sees what. `admin` manages accounts and configuration, and sees no content. */
const mayOpen: Readonly<Record<Page, readonly Role[]>> = {
  overview: ['dsi', 'dpo', 'direction', 'rssi', 'auditor', 'admin'],
  access: ['dsi', 'dpo', 'rssi', 'auditor'],
  activity: ['dsi', 'direction'],
  turnaround: ['dsi', 'direction'],
  capacity: ['dsi', 'direction'],
  traffic: ['dsi'],
  arrival: ['dsi', 'dpo', 'direction'],
  storage: ['dsi', 'direction'],
  sla: ['dsi', 'direction'],
  reports: ['dsi', 'direction'],
  'going-live': ['dsi', 'direction'],
  systems: ['dsi', 'dpo', 'direction'],
  sources: ['dsi', 'dpo', 'rssi', 'auditor'],
  evidence: ['dpo', 'rssi', 'auditor', 'admin']
};

const mayDo: Readonly<Record<Permission, readonly Role[]>> = {
  'see-pseudonyms': ['dpo'],
  'search-patient': ['dpo'],
  reveal: ['dpo'],
  'see-raw': ['dpo'],
  // Rows as the page shows them: only a DPO's tell persons and patients, under pseudonyms.
  export: ['dsi', 'dpo', 'rssi', 'auditor']
};

/** The part of the log a role reads: its lane, and the acts in it (all when empty). */
export interface LogPart {
  readonly lane: 'audit' | 'own';
  readonly codes: readonly string[];
}

/** DICOM PS3.15: application activity, network entry, security alert, user authentication. */
const securityActs = ['110100', '110108', '110113', '110114'];
const logParts: Readonly<Record<Role, LogPart | undefined>> = {
  dsi: { lane: 'audit', codes: [] },
  dpo: { lane: 'audit', codes: [] },
  rssi: { lane: 'audit', codes: securityActs },
  // The auditor checks those who check: what Vigie's own readers did, not what they looked at.
  auditor: { lane: 'own', codes: [] },
  direction: undefined,
  admin: undefined
};

/** @throws {Error} for a role that reads no log; its pages are refused before */
export function logPart(role: Role): LogPart {
  const part = logParts[role];
  if (!part) throw new Error(`the role ${role} reads no part of the log`);
  return part;
}

export const rolesOf = (page: Page): readonly Role[] => mayOpen[page];
export const pagesOf = (role: Role): Page[] => pages.filter((page) => mayOpen[page].includes(role));
export const may = (role: Role, permission: Permission): boolean => mayDo[permission].includes(role);
