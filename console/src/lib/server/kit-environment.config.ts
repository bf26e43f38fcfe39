import type { ConsoleConfig } from './config.ts';

/** Header by which serve.ts tells the built application which protocol the browser used. */
export const protocolHeader = 'x-vigie-protocol';

/**
 * Settings of adapter-node, which reads them from the environment when the built handler is loaded. With a public origin
 * (behind a proxy) that origin holds; without, the Host header and plain HTTP.
 */
export function setKitEnvironment(config: ConsoleConfig, environment: NodeJS.ProcessEnv = process.env): void {
  environment['VIGIE_KIT_BODY_SIZE_LIMIT'] = '64K';
  if (config.origin) environment['VIGIE_KIT_ORIGIN'] = config.origin;
  else environment['VIGIE_KIT_PROTOCOL_HEADER'] = protocolHeader;
}
