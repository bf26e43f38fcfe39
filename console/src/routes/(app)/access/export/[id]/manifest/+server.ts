import { error } from '@sveltejs/kit';
import { mustHave, readerOf } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import type { RequestHandler } from './$types';

/** What a finished export is: query, filters, rows, SHA-256, blocks. The very bytes are signed. */
export const GET: RequestHandler = ({ locals, params }) => {
  const reader = readerOf(locals, 'access');
  mustHave(reader, 'access', 'export');
  const manifest = context().exports.manifest(params.id, reader.login);
  if (!manifest) error(404, { message: 'not-found' });
  return new Response(manifest.text, {
    headers: {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="vigie-acces-${params.id}.manifest.json"`
    }
  });
};
