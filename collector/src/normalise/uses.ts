import type { Fact } from '../verdict.ts';
import type { Directory } from './directory.ts';

type Row<T extends Fact['table']> = Extract<Fact, { table: T }>['row'];
type Use = Row<'ops.usage'>;

/** Roles under which a patient, or who acts for them, opens their own images: DICOM 121025, HL7 v3 PAT and PRS, words. */
const patientRoles: ReadonlySet<string> = new Set(
  '121025|pat|prs|patient|patiente|patients|patient advocate|usager|titulaire|proxy|guardian|proche|tuteur'.split('|')
); // prettier-ignore
/** The whole role: a "patient transporter" is staff. */
const isPatientRole = (role: string) => patientRoles.has(role.trim().toLowerCase());
/** Events that open nothing: the application itself, the network, queries, security alerts, sign-ins. */
const notAnAccess = new Set(['110100', '110101', '110102', '110108', '110112', '110113', '110114']);
const exported = '110106';

/** What algorithms give back: reports, segmentations, presentation states, key objects, annotated images. */
const results = new Set(['SR', 'SEG', 'PR', 'KO', 'OT', 'SC', 'REG', 'ANN', 'DOC']);
const stores = new Set(['C-STORE', 'STOW']);

/**
 * Uses that other facts tell of, as facts of their own: a patient who opened their images, the result of an algorithm that was
 * stored. Pure. They hold no person and no patient, so that counting uses needs no right to see accesses.
 * @param source system id the facts come from
 */
export function usesIn(facts: readonly Fact[], source: string, directory: Directory): Fact[] {
  const uses: Fact[] = [];
  for (const fact of facts)
    if (fact.table === 'audit.event') uses.push(...portalAccess(fact.row, source));
    else if (fact.table === 'ops.transfer') uses.push(...aiResult(fact.row, directory));
  return uses;
}

function portalAccess(row: Row<'audit.event'>, source: string): Fact[] {
  const byPatient = row.actor_kind === 'person' && row.actor_roles.some(isPatientRole);
  if (!byPatient || notAnAccess.has(row.event_code)) return [];
  return use({
    ...placeOf(row),
    system: row.source ?? source,
    kind: 'portal-access',
    label: row.event_code === exported ? 'export' : 'view',
    outcome: row.outcome === 0 ? 'success' : 'failure',
    modality: row.modalities[0] ?? '',
    count: 1,
    period_s: null,
    duration_ms: null
  });
}

/** Counted once however many observers saw it: by the one whose word counts. */
function aiResult(row: Row<'ops.transfer'>, directory: Directory): Fact[] {
  const from = directory.systemById(row.from_system);
  if (from?.kind !== 'ai' || row.authoritative !== 1) return [];
  if (!stores.has(row.service) || !results.has(row.modality)) return [];
  const stored = row.status === 'success' || row.status === 'warning';
  return use({
    ...placeOf(row),
    system: from.id,
    kind: 'ai-result',
    label: '',
    outcome: stored ? 'success' : 'failure',
    modality: row.modality,
    count: Math.max(1, (stored ? row.instances : row.failures) ?? 1),
    period_s: null,
    duration_ms: row.duration_ms
  });
}

const placeOf = ({
  site,
  establishment,
  occurred_at
}: Pick<Use, 'site' | 'establishment' | 'occurred_at'>) => ({
  site,
  establishment,
  occurred_at
});

const use = (row: Use): Fact[] => [{ table: 'ops.usage', row }];
