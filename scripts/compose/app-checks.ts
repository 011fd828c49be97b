import { appFiles } from "../apps/app-files.ts";

/** An app that Compose has brought up on this machine, for the app's own checks. */
export interface ComposedApp {
  /** The address of a port of the app, as its manifests number it. */
  origin: (port: number) => string;
  /** Asks the daemon that runs it. @returns the lines that docker prints */
  docker: (...args: string[]) => Promise<string[]>;
  /** What a container has printed. @param id as docker prints it */
  logs: (id: string) => Promise<string>;
  /** Brings it up once more, as a person would after a change. */
  again: () => Promise<unknown>;
}

/** What an app brings as `apps/<app>/compose.ts`. */
export interface ComposeChecks {
  /** The volumes that it leaves until they are taken away, too. */
  volumes: string[];
  /** Looks at the running app. @throws when something is not as it should be */
  check: (app: ComposedApp) => Promise<void>;
}

/** What the apps bring, by app. */
export async function composeChecks(): Promise<[app: string, checks: ComposeChecks][]> {
  const files = appFiles<ComposeChecks>("compose.ts");
  return Promise.all(files.map(async ({ app, load }): Promise<[string, ComposeChecks]> => [app, await load()]));
}
