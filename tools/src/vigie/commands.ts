import type { Command } from './command.ts';

interface Entry {
  /** One line of `vigie --help`. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/**
 * Every subcommand of `vigie`, by its words. Another one is a line here and a file that exports a Command as `default`; nothing
 * of it is loaded before it is called.
 */
export const commands: Readonly<Record<string, Entry>> = {
  'evidence verify': {
    summary: 'is the log whole? chain, signatures, raw objects, rows (level 2: every message)',
    load: async () => (await import('./evidence/verify.ts')).default
  },
  'evidence prove': {
    summary: 'the proof of one event, to be checked far from here by a program of its own',
    load: async () => (await import('./evidence/prove.ts')).default
  },
  'evidence publish': {
    summary: 'send the heads where vigie.yaml says, now',
    load: async () => (await import('./evidence/publish.ts')).default
  },
  'evidence head': {
    summary: 'the newest signed header of every lane, to be kept elsewhere',
    load: async () => (await import('./evidence/head.ts')).default
  },
  'retention plan': {
    summary: 'what retention keeps, and what a purge would take, with counts and days',
    load: async () => (await import('./retention/plan.ts')).default
  },
  'retention purge': {
    summary: 'drop what retention no longer keeps, the signed record of it first',
    load: async () => (await import('./retention/purge.ts')).default
  },
  'retention keep': {
    summary: 'purge on the schedule of vigie.yaml, until stopped',
    load: async () => (await import('./retention/keep.ts')).default
  },
  'token create': {
    summary: 'a bearer token for searches (ITI-81, ITI-82), scoped by role and establishments',
    load: async () => (await import('./token/create.ts')).default
  },
  'token list': {
    summary: 'the search tokens, and when each was last used',
    load: async () => (await import('./token/list.ts')).default
  },
  'token revoke': {
    summary: 'end a search token',
    load: async () => (await import('./token/revoke.ts')).default
  },
  'hold add': {
    summary: 'copy a case’s events and messages out of reach of purges',
    load: async () => (await import('./hold/add.ts')).default
  },
  'hold list': {
    summary: 'every hold, with what it keeps',
    load: async () => (await import('./hold/list.ts')).default
  },
  'hold lift': {
    summary: 'end a hold and remove its copies',
    load: async () => (await import('./hold/lift.ts')).default
  },
  'vault unlink': {
    summary: 'take out of the vault whom a pseudonym stands for',
    load: async () => (await import('./vault/unlink.ts')).default
  },
  'vault redact': {
    summary: 'erase one message; its leaf hash stays',
    load: async () => (await import('./vault/redact.ts')).default
  },
  sensor: {
    summary: 'read DICOM from a mirrored port and tell the collector: who to whom, how much, what failed',
    load: async () => (await import('./sensor.ts')).default
  },
  replay: {
    summary: 'decode stored messages again with today’s decoders, dry run first',
    load: async () => (await import('./replay.ts')).default
  },
  'vault rotate': {
    summary: 'a new key of the vault: data keys are wrapped to it, ciphertexts stay',
    load: async () => (await import('./vault/rotate.ts')).default
  },
  'evidence rotate': {
    summary: 'a new signing key; what the old one signed stays verifiable',
    load: async () => (await import('./evidence/rotate.ts')).default
  }
};
