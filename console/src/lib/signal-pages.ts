import type { SignalCode } from '@vigie/schemas/facts/signal';

/** The page that shows the facts behind a signal. */
export const pageOfSignal: Readonly<
  Record<SignalCode, 'sources' | 'sla' | 'storage' | 'traffic' | 'overview'>
> = {
  simulation: 'overview',
  'source-silent': 'sources',
  'service-down': 'sla',
  'objective-at-risk': 'sla',
  'objective-missed': 'sla',
  'storage-filling': 'storage',
  'quarantine-rising': 'sources',
  'modality-silent': 'traffic'
};
