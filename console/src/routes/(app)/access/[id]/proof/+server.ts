import { error } from '@sveltejs/kit';
import { makeProof, NoProofError } from '@vigie/evidence/proof/make-proof';
import { z } from 'zod';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { logUsed, purposes } from '#lib/server/own-audit/own-audit.ts';
import { eventById, readEventId } from '#lib/server/query/event.ts';
import type { RequestHandler } from './$types';

const Form = z.object({ purpose: z.enum(purposes), reference: z.string().trim().min(4).max(200) });
const ever = { from: new Date('2000-01-01T00:00:00Z'), to: new Date('2200-01-01T00:00:00Z') };

/** The proof of one event, as a file. With the vault's key it holds the message: the same right, purpose and audit as to read it. */
export const POST: RequestHandler = async ({ request, locals, params, getClientAddress }) => {
  const reader = readerOf(locals, 'access');
  mustHave(reader, 'access', 'see-raw');
  const form = Form.safeParse(Object.fromEntries(await request.formData()));
  if (!form.success) error(400, { message: 'refused' });
  const { client, ownAudit, config } = context();
  const key = readEventId(params.id);
  const [event] = key ? await eventById.ask(client, { ...key, ...ever, scope: reader.scope }) : [];
  if (!event) error(404, { message: 'not-found' });
  await recordReading(
    ownAudit,
    logUsed(reader, getClientAddress(), { act: 'proof', about: params.id, ...form.data })
  );
  try {
    const proof = await makeProof(client, params.id, { vaultKey: config.vaultKey(), now: Date.now() });
    return new Response(`${JSON.stringify(proof, null, 2)}\n`, {
      headers: {
        'content-type': 'application/json',
        'content-disposition': `attachment; filename="proof-${params.id}.json"`
      }
    });
  } catch (cause) {
    if (cause instanceof NoProofError) error(409, { message: 'no-proof' });
    throw cause;
  }
};
