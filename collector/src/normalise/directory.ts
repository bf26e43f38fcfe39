import type { Config, Establishment, ReadingPartner, MetricRule, Site, System } from '@vigie/schemas';
import { pseudonymiser, type Identifier } from '@vigie/schemas/pseudonym';
import { NetworkTable } from './network.ts';
import { Recent } from './recent.ts';
import { isZone } from './zone.ts';

/** What the configuration knows of the names and addresses that messages carry. Pure lookups; `undefined` is unknown. */
export interface Directory {
  systemById(id: string): System | undefined;
  systemByAuditSource(id: string): System | undefined;
  systemByHostname(hostname: string): System | undefined;
  systemByHl7Application(application: string): System | undefined;
  systemByAe(title: string): System | undefined;
  systemByNetwork(address: string): System | undefined;
  siteById(id: string): Site | undefined;
  /** By AuditEnterpriseSiteID, MSH-4, Institution Name, id or name; without case, a HL7 HD by its parts. */
  siteByAlias(alias: string): Site | undefined;
  /** Who reads for the group from outside, by id, name or alias. */
  partnerByAlias(alias: string): ReadingPartner | undefined;
  siteByNetwork(address: string): Site | undefined;
  siteByAe(title: string): Site | undefined;
  /** Establishment id of a site id; '' when unknown. */
  establishmentOf(site: string): string;
  /** The one observer whose transfers count for these two systems; undefined when none is declared. */
  authoritativeObserver(from: System | undefined, to: System | undefined): string | undefined;
  /** Zone of times that a source tells without one. */
  zoneOf(source: string): string;
  /** Issuer of bare patient identifiers of a source: its own when none is configured, so that numbers never meet. */
  patientAuthorityOf(source: string): string;
  /** How points of metrics become facts. */
  readonly metricRules: readonly MetricRule[];
  /** 16 bytes; the same identifier always gives the same ones. Do not change them in place. */
  pseudonym(identifier: Identifier): Buffer;
}

const pseudonymCacheLimit = 20_000;
const nameCacheLimit = 10_000;

/**
 * @param config the parsed vigie.yaml
 * @param pseudonymKey 32 bytes
 * @throws {Error} when a system's timezone is not one
 */
export function createDirectory(config: Config, pseudonymKey: Buffer): Directory {
  const systems = new Map(config.systems.map((system) => [system.id, system]));
  const sites = new Map(config.sites.map((site) => [site.id, site]));
  const establishments = new Map<string, Establishment>(config.establishments.map((one) => [one.id, one]));
  const by = (names: (system: System) => readonly string[]) =>
    index(config.systems.flatMap((system) => names(system).map((name) => [name, system] as const)));
  const auditSources = by((system) => system.audit_source_ids);
  const hostnames = by((system) => system.hostnames);
  const applications = by((system) => system.hl7_applications);
  const titles = new Map(
    config.systems.flatMap((system) => system.ae_titles.map((ae) => [ae.trim(), system]))
  );
  const aliases = index(
    config.sites.flatMap((site) =>
      [...site.aliases, site.id, site.name, site.short_name, site.finess_eg].map(
        (name) => [name, site] as const
      )
    )
  );
  const partners = index(
    config.reading_partners.flatMap((one) =>
      [...one.aliases, one.id, one.name].map((name) => [name, one] as const)
    )
  );
  const systemNetworks = new NetworkTable<System>();
  const siteNetworks = new NetworkTable<Site>();
  for (const system of config.systems) {
    if (!isZone(system.timezone))
      throw new Error(
        `systems: the timezone "${system.timezone}" of "${system.id}" is unknown: write one such as "Europe/Paris"`
      );
    for (const network of system.networks) systemNetworks.add(network, system);
  }
  for (const site of config.sites) for (const network of site.networks) siteNetworks.add(network, site);
  const siteOf = (system: System | undefined) =>
    system?.site === undefined ? undefined : sites.get(system.site);

  return {
    systemById: (id) => systems.get(id),
    systemByAuditSource: lately((id) => auditSources.get(fold(id))),
    systemByHostname: lately((hostname) => hostnames.get(fold(hostname))),
    systemByHl7Application: (application) => applications.get(fold(application)),
    systemByAe: (title) => titles.get(title.trim()),
    systemByNetwork: lately((address) => systemNetworks.find(address)),
    siteById: (id) => sites.get(id),
    siteByAlias: lately(
      (alias) =>
        aliases.get(fold(alias)) ??
        alias
          .split(/[\^&]/)
          .map((part) => aliases.get(fold(part)))
          .find((site) => site !== undefined)
    ),
    partnerByAlias: (alias) => partners.get(fold(alias)),
    siteByNetwork: lately((address) => siteNetworks.find(address)),
    siteByAe: (title) => siteOf(titles.get(title.trim())),
    establishmentOf: (site) => establishments.get(sites.get(site)?.establishment ?? '')?.id ?? '',
    authoritativeObserver: (from, to) => from?.transfers_observed_by ?? to?.transfers_observed_by,
    zoneOf: (source) => systems.get(source)?.timezone ?? config.organisation.timezone,
    patientAuthorityOf: (source) => systems.get(source)?.patient_id_authority ?? source,
    metricRules: config.metrics,
    pseudonym: remember(pseudonymKey)
  };
}

/** The first to claim a name keeps it: the order of vigie.yaml decides. */
function index<T>(entries: readonly (readonly [string, T])[]): Map<string, T> {
  const map = new Map<string, T>();
  for (const [name, owner] of entries) if (!map.has(fold(name))) map.set(fold(name), owner);
  map.delete('');
  return map;
}

/** What a name or address means; those asked for lately are found as they were told. */
function lately<T extends object>(find: (name: string) => T | undefined): (name: string) => T | undefined {
  const recent = new Recent<T | null>(nameCacheLimit);
  return (name) => {
    const known = recent.peek(name);
    if (known !== undefined) return known ?? undefined;
    const found = find(name);
    recent.set(name, found ?? null);
    return found;
  };
}

const fold = (name: string) => name.trim().toLowerCase();

/** Pseudonyms cost an HMAC: recent ones are remembered. */
function remember(key: Buffer): (identifier: Identifier) => Buffer {
  const recent = new Recent<Buffer>(pseudonymCacheLimit);
  const pseudonym = pseudonymiser(key);
  return (identifier) =>
    recent.get(`${identifier.authority}|${identifier.value}`, () => pseudonym(identifier));
}
