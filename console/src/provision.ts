import { consoleConfig } from './lib/server/config.ts';
import { Accounts } from './lib/server/session/accounts.ts';
import { openConsoleDatabase } from './lib/server/session/database.ts';
import { writeFirstPasswords } from './lib/server/session/first-passwords.ts';

// Gives first passwords to new accounts, and prints them once: {"created":[{"login":…,"password":…}]}.
const config = consoleConfig();
const database = openConsoleDatabase(config.dataFolder);
const created = await new Accounts(database, config.group).provision(Date.now());
writeFirstPasswords(config.dataFolder, created);
database.close();
process.stdout.write(`${JSON.stringify({ created })}\n`);
