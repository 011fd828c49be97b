/**
 * The tables of the kit's parts. A service's schema exports those that it uses (`export { inbox, outbox } from
 * "@slipway/kit/tables"`), so that drizzle-kit writes them into the service's own migrations. A service with a schema of its
 * own makes them there (`export const { inbox, outbox } = outboxTables(pgSchema("orders").table)`).
 */
export { accountLinks, accounts, accountTables, endedSignIns, refreshTokens, signIns } from "./accounts/tables.ts";
export { inbox, outbox, outboxTables } from "./outbox/tables.ts";
