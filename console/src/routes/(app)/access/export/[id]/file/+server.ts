import { error } from '@sveltejs/kit';
import { windowOf } from '#lib/explorer/window.ts';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { writers } from '#lib/server/explorer/export/formats.ts';
import { exportStream, fileName } from '#lib/server/explorer/export/stream.ts';
import { addressOf } from '#lib/server/explorer/filter.ts';
import { fhirBase } from '#lib/server/fhir/respond.ts';
import { exported } from '#lib/server/own-audit/own-audit.ts';
import type { RequestHandler } from './$types';

/** The file of an export, once: the log takes the export first, and without its answer there is no data. */
export const GET: RequestHandler = async ({ locals, params, url, getClientAddress }) => {
  const reader = readerOf(locals, 'access');
  mustHave(reader, 'access', 'export');
  const { ownAudit, exports, config } = context();
  const one = exports.find(params.id, reader.login);
  if (one?.state !== 'ready') error(404, { message: 'not-found' });
  if (config.signingKey() === undefined) error(409, { message: 'failed' });
  // Two clicks are one export: the second finds it running.
  one.state = 'running';
  const window = windowOf(one.from, one.to);
  const about = addressOf('/access/export', window, new URLSearchParams(one.search));
  try {
    await recordReading(
      { record: async (message) => (one.audit = await ownAudit.record(message)) },
      exported(reader, getClientAddress(), { about, format: one.format, id: one.id })
    );
  } catch (refused) {
    one.state = 'ready';
    throw refused;
  }
  return new Response(exportStream(reader, one, window, fhirBase(url)), {
    headers: {
      'content-type': writers[one.format].type,
      'content-disposition': `attachment; filename="${fileName(one)}"`
    }
  });
};
