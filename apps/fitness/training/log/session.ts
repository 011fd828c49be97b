import { type Day, dayAt } from "../calendar/days.ts";
import type { LoggedSet, WorkoutSession } from "../model/log.ts";

/**
 * Starts a session. Its day is the calendar day where the person is now, and stays it: past midnight, and in another zone.
 *
 * @param id made by the caller, unique
 * @param now ISO 8601 in UTC
 * @param zone where the person is, such as `Europe/Madrid`
 */
export function startSession(
  id: string,
  routine: WorkoutSession["routine"],
  now: string,
  zone: string,
): WorkoutSession {
  return { id, routine, day: dayAt(now, zone), startedAt: now, finishedAt: null, sets: [] };
}

/** The session with a set more. A set with the id of a logged one replaces it, so that sending it twice changes nothing. */
export function logSet(session: WorkoutSession, set: LoggedSet): WorkoutSession {
  const known = session.sets.some(({ id }) => id === set.id);
  return {
    ...session,
    sets: known ? session.sets.map((each) => (each.id === set.id ? set : each)) : [...session.sets, set],
  };
}

/** The session without a set. */
export function removeSet(session: WorkoutSession, id: string): WorkoutSession {
  return { ...session, sets: session.sets.filter((set) => set.id !== id) };
}

/** The session, ended. One that has ended keeps its end. */
export function finishSession(session: WorkoutSession, now: string): WorkoutSession {
  return { ...session, finishedAt: session.finishedAt ?? now };
}

/** The session, running again. Its sets, its day and its start stay. */
export const resumeSession = (session: WorkoutSession): WorkoutSession => ({ ...session, finishedAt: null });

/** Seconds from a session's start until now, or until its end. Instants decide, so midnight and zones do not matter. */
export function secondsOf({ startedAt, finishedAt }: WorkoutSession, now: string): number {
  return Math.max(0, (Date.parse(finishedAt ?? now) - Date.parse(startedAt)) / 1_000);
}

/** What is left of a rest in seconds, 0 when it is over; null before the first set. */
export function restLeft(session: WorkoutSession, rest: number, now: string): number | null {
  const last = session.sets.at(-1);
  return last ? Math.max(0, rest - (Date.parse(now) - Date.parse(last.at)) / 1_000) : null;
}

/** The days with at least one finished session that has a set, oldest first. */
export function trainedDays(sessions: readonly WorkoutSession[]): Day[] {
  const days = sessions.filter(({ finishedAt, sets }) => finishedAt !== null && sets.length > 0).map(({ day }) => day);
  return [...new Set(days)].toSorted();
}
