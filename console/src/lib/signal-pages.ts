import type { Role } from '@vigie/schemas';
import type { SignalCode } from '@vigie/schemas/facts/signal';

/** The page that shows the facts behind a signal. */
export const pageOfSignal: Readonly<
  Record<SignalCode, 'sources' | 'sla' | 'storage' | 'traffic' | 'overview' | 'evidence'>
> = {
  simulation: 'overview',
  'source-silent': 'sources',
  'source-unusual': 'sources',
  'service-down': 'sla',
  'objective-at-risk': 'sla',
  'objective-missed': 'sla',
  'storage-filling': 'storage',
  'quarantine-rising': 'sources',
  'modality-silent': 'traffic',
  'evidence-altered': 'evidence',
  'evidence-unverified': 'evidence',
  'head-unpublished': 'evidence',
  'purge-failed': 'evidence'
};

/** Signals that a role is told although their page is not open to it: whose machine it is must know. */
export const alsoTold: Readonly<Partial<Record<SignalCode, readonly Role[]>>> = {
  'evidence-altered': ['dsi'],
  'evidence-unverified': ['dsi'],
  'head-unpublished': ['dsi'],
  'purge-failed': ['dsi']
};
