export { Config } from './config/config.ts';
export { ConfigError, parseConfig, parseYaml, type Complaint } from './config/parse.ts';
export type { Account, Objective, Role, Tariff } from './config/governance.ts';
export type { ApiKey, Feed, Probe, Pull, Receivers } from './config/inputs.ts';
export type { Forward, ForwardTarget } from './config/forwarding.ts';
export type { MetricRule } from './config/metrics.ts';
export type { ClientCertificate } from './config/senders.ts';
export type {
  Calendar,
  Establishment,
  ReadingPartner,
  Site,
  System,
  SystemKind
} from './config/organisation.ts';
export { Id, Label } from './config/primitives.ts';
