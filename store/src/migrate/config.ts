import { StoreEnvironment, storeAddress } from '../address.ts';
import type { StoreAddress } from '../client.ts';

/** Address of the writer, from the environment. */
export function migrationAddress(environment: NodeJS.ProcessEnv = process.env): StoreAddress {
  return storeAddress(StoreEnvironment.parse(environment), 'writer');
}
