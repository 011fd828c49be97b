/**
 * The tables of the kit's parts. A service's schema exports those that it uses (`export { inbox, outbox } from
 * "@slipway/kit/tables"`), so that drizzle-kit writes them into the service's own migrations.
 */
export { inbox, outbox } from "./outbox/tables.ts";
