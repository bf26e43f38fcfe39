import { error, redirect } from '@sveltejs/kit';
import type { AuditMessage } from '@vigie/schemas/audit-message';
import type { OwnAudit } from '../own-audit/own-audit.ts';
import { may, rolesOf, type Page, type Permission } from './pages.ts';
import type { Reader } from './reader.ts';

/** The signed-in reader, or the way to sign in. */
export function signedIn(locals: App.Locals): Reader {
  if (!locals.reader) redirect(303, '/sign-in');
  return locals.reader;
}

/** The reader of a page, or 403 with the roles that may see it. Actions and data requests pass here too, not only pages. */
export function readerOf(locals: App.Locals, page: Page): Reader {
  const reader = signedIn(locals);
  if (reader.mustChangePassword) redirect(303, '/password');
  if (!rolesOf(page).includes(reader.role))
    error(403, { message: 'forbidden', forbidden: { page, roles: rolesOf(page) } });
  return reader;
}

/** Refuses what the reader's role does not allow. */
export function mustHave(reader: Reader, page: Page, permission: Permission): void {
  if (!may(reader.role, permission))
    error(403, { message: 'forbidden', forbidden: { page, roles: ['dpo'] } });
}

/** Writes that the log is read, before it is: without the collector's answer the page is refused, not shown. */
export async function recordReading(ownAudit: OwnAudit, message: AuditMessage): Promise<void> {
  try {
    await ownAudit.record(message);
  } catch {
    error(503, { message: 'not-audited' });
  }
}
