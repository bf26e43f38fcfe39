import { createReader, type ClickHouseClient } from '@vigie/store';
import { pino, type Logger } from 'pino';
import { consoleConfig, type ConsoleConfig } from './config.ts';
import { watchIntake } from './intake.ts';
import { Verification } from './evidence/verification.ts';
import { Exports } from './explorer/export/exports.ts';
import { ownAudit, type OwnAudit } from './own-audit/own-audit.ts';
import { Accounts } from './session/accounts.ts';
import { Attempts } from './session/attempts.ts';
import { openConsoleDatabase } from './session/database.ts';
import { sealed } from './session/sealed.ts';
import { Searches } from './session/searches.ts';
import { Sessions } from './session/sessions.ts';
import { Tokens } from './session/tokens.ts';

/** Everything the routes need, built once. */
export interface Context {
  readonly config: ConsoleConfig;
  readonly client: ClickHouseClient;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly searches: Searches;
  readonly attempts: Attempts;
  readonly exports: Exports;
  readonly tokens: Tokens;
  readonly ownAudit: OwnAudit;
  readonly intake: ReturnType<typeof watchIntake>;
  readonly verification: Verification;
  readonly log: Logger;
}

let built: Context | undefined;

/** The one composition root of the console's server. */
export function context(): Context {
  built ??= build(consoleConfig());
  return built;
}

function build(config: ConsoleConfig): Context {
  const database = openConsoleDatabase(config.dataFolder);
  const own = ownAudit(config.collectorUrl, () => config.ownKey());
  const log = pino({ level: config.logLevel, base: { process: 'console' } });
  return {
    config,
    client: createReader(config.store, 'vigie-console'),
    accounts: new Accounts(database, config.group),
    sessions: new Sessions(database),
    searches: new Searches(
      database,
      sealed(() => config.sessionKey())
    ),
    attempts: new Attempts(database),
    exports: new Exports(database),
    tokens: new Tokens(database),
    ownAudit: own,
    intake: watchIntake(config.collectorUrl),
    verification: new Verification(config, own, log),
    log
  };
}
