/**
 * What FitFusion knows of training. Pure functions: dates and ids come in, nothing reads a clock or a random number, and
 * nothing needs Node. The catalogue, the drawings and the predefined routines have entries of their own, so that a page can
 * load them later.
 */
export * from "./calendar/days.ts";
export * from "./calendar/schedule.ts";
export * from "./log/csv.ts";
export * from "./log/session.ts";
export * from "./log/transfer.ts";
export * from "./measure/load.ts";
export * from "./measure/loads.ts";
export * from "./measure/one-repetition-maximum.ts";
export * from "./measure/plates.ts";
export * from "./measure/units.ts";
export * from "./model/exercise.ts";
export * from "./model/log.ts";
export { type Amount, type Message, type Name } from "./model/message.ts";
export * from "./model/profile.ts";
export * from "./model/routine.ts";
export * from "./plan/bands.ts";
export { generatePlan, isBalanced, type Plan } from "./plan/generate.ts";
export { alternativesFor, conflictsOf, hasEquipment, suits } from "./plan/select.ts";
export * from "./plan/weekly-sets.ts";
export * from "./progression/deload.ts";
export * from "./progression/progression.ts";
export * from "./progression/today.ts";
export * from "./sources.ts";
export * from "./statistics/ranges.ts";
export * from "./statistics/records.ts";
export * from "./statistics/series.ts";
export * from "./statistics/streaks.ts";
export * from "./texts/names.ts";
export { say, sayAmount, sayName, sayWeight } from "./texts/say.ts";
