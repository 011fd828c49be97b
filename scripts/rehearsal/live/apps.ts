import { appFiles } from "../../apps/app-files.ts";
import type { LiveWorld } from "./world.ts";

/** What an app brings as `apps/<app>/live.ts`. */
export interface LiveApp {
  /** Its own tests, in a world where it runs. @param of gives the world */
  default: (of: () => LiveWorld) => void;
  /** What deliveries are tried with, when the app offers it. */
  releases?: LiveReleases;
}

/** An app, described so that any delivery can be tried with it. */
export interface LiveReleases {
  app: string;
  /** A change of one file that releases one image, harmless however often it is made. */
  change: { path: string; text: (before: string) => string };
  /** Asks the app at its address. @throws when it does not serve people as it should */
  serves: (url: string) => Promise<void>;
  /** Releases that cannot become live, each possible for the app's sound files. */
  failing: readonly FailingRelease[];
}

/** A release that cannot become live, and what the run must say about it. */
export interface FailingRelease {
  /** What is wrong with it, as a person would say. */
  name: string;
  /** The file that is changed. */
  path: string;
  change: (text: string) => string;
  /** The pod that is to blame, by the beginning of its name. */
  pod: RegExp;
  /** What the run says about it. */
  reason: RegExp;
}

/** What the apps bring, in the order of their names. */
export function liveApps(): Promise<LiveApp[]> {
  return Promise.all(appFiles<LiveApp>("live.ts").map(({ load }) => load()));
}

/** The first app that offers itself for trying deliveries; undefined when none does. */
export async function liveReleases(): Promise<LiveReleases | undefined> {
  return (await liveApps()).find(({ releases }) => releases)?.releases;
}
