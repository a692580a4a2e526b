import type { ServiceAddresses } from './services.ts'

/** What test/services/setup.ts provides and `inject('services')` gives, for every suite that needs the real servers. */
declare module 'vitest' {
  export interface ProvidedContext {
    services: ServiceAddresses
  }
}
