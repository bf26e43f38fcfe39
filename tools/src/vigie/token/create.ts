import { z } from 'zod';
import { exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags } from '../place.ts';
import { orderToken } from './order.ts';

const Created = z.object({ id: z.string(), text: z.string() });

/** vigie token create: a bearer token for ITI-81 and ITI-82. */
const command: Command = {
  help: `npx vigie token create --name PROGRAM --role ROLE --establishment ID [flags]

Makes a token for searches (GET /fhir/AuditEvent, /syslogsearch) and writes its text to stdout, once: it is kept nowhere.

  --role           dpo, dsi, rssi or auditor: the part of the log it opens
  --establishment  an establishment of vigie.yaml, several times for several, or all
  --days           days it lives (90, at most 730)
  --right          identities or messages, for dpo: what it may open from the vault; may be given twice
  --purpose        patient-request, complaint, control, incident or authority; needed by --right messages
  --reference      what the purpose rests on

Example: npx vigie token create --name portail-dpo --role dpo --establishment ch-troyes --days 30`,
  async run(args, terminal) {
    const { values } = readFlags(args, {
      ...placeFlags,
      name: { type: 'string', default: '' },
      role: { type: 'string', default: '' },
      establishment: { type: 'string', multiple: true, default: [] },
      days: { type: 'string', default: '90' },
      right: { type: 'string', multiple: true, default: [] },
      purpose: { type: 'string', default: '' },
      reference: { type: 'string', default: '' }
    });
    const { name, role, establishment: establishments, days, right: rights, purpose, reference } = values;
    const order = { act: 'create', name, role, establishments, days, rights, purpose, reference };
    const { id, text } = Created.parse(await orderToken(order, values));
    terminal.say(`Token ${id} for ${name}: lives ${days} days; npx vigie token revoke ${id} ends it before.`);
    terminal.out(text);
    return exitCodes.good;
  }
};
export default command;
