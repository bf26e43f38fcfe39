import { frontHeaders } from './front.ts';

/**
 * Settings of adapter-node, which reads them from the environment when the built handler is loaded. Protocol, host and client
 * address come from headers that serve.ts writes itself, whatever the client sent under these names.
 */
export function setKitEnvironment(environment: NodeJS.ProcessEnv = process.env): void {
  environment['VIGIE_KIT_BODY_SIZE_LIMIT'] = '64K';
  environment['VIGIE_KIT_PROTOCOL_HEADER'] = frontHeaders.protocol;
  environment['VIGIE_KIT_HOST_HEADER'] = frontHeaders.host;
  environment['VIGIE_KIT_ADDRESS_HEADER'] = frontHeaders.address;
}
