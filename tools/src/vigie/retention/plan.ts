import { doomedPartitions } from '@vigie/custody/retention/partitions';
import { lastMonthOver, policyOf } from '@vigie/custody/retention/policy';
import { purgePreview } from '@vigie/custody/retention/preview';
import { CommandError, exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags, placeOf } from '../place.ts';

/** vigie retention plan: what the policy keeps, and what it would purge now or at a later day. */
const command: Command = {
  help: `npx vigie retention plan [--at YYYY-MM-DD]

Tells for how long each category is kept, and what a purge would take, with counts and days. Changes nothing.
  --at DAY   as of that day instead of today: what a purge will take then, of what is stored now`,
  async run(args, terminal) {
    const { values } = readFlags(args, { ...placeFlags, at: { type: 'string' } });
    const at = values.at === undefined ? Date.now() : Date.parse(`${values.at}T00:00:00Z`);
    if (Number.isNaN(at)) throw new CommandError('--at must be a day such as 2027-01-31.', exitCodes.usage);
    const place = placeOf(values);
    const policy = policyOf(place.group());
    const client = place.writer();
    try {
      for (const [category, months] of Object.entries(policy)) {
        const last = String(lastMonthOver(at, months));
        terminal.out(
          `${category.padEnd(8)} kept ${months} months: over up to ${last.slice(0, 4)}-${last.slice(4)}`
        );
      }
      const lines = await purgePreview(client, await doomedPartitions(client, policy, at));
      terminal.out(lines.length > 0 ? lines.join('\n') : 'Nothing that is stored is over.');
      return exitCodes.good;
    } finally {
      await client.close();
    }
  }
};
export default command;
