import type { ReleaseRequest, WantedImage } from "../../lib/gitops/changes.ts";
import { overlayPaths } from "../../lib/gitops/paths.ts";
import { type ReleaseOptions, type ReleaseOutcome, releaseToGit } from "../../lib/gitops/release.ts";
import { type Remote, remoteFromEnvironment } from "../../lib/gitops/remote.ts";
import { startTestRemote, type TestRemote } from "./remote.ts";

/** A remote that tests release to, in the environment `dev`. */
export interface ReleaseWorld extends AsyncDisposable {
  readonly server: TestRemote;
  release(request: ReleaseRequest, options?: Partial<ReleaseOptions>): Promise<ReleaseOutcome>;
  /** The machine-owned file of an app. */
  imagesOf(app: string, revision?: string): Promise<string>;
  countCommits(): Promise<number>;
  /** Where a release goes, with a token of GitHub. */
  remoteWith(token: string): Promise<Remote>;
}

/** Starts an empty remote. The registry knows no other images than those that a release brings along. */
export async function startReleaseWorld(): Promise<ReleaseWorld> {
  const token = "a-token-of-github";
  const server = await startTestRemote(token);
  const remoteWith = (given: string) =>
    remoteFromEnvironment(
      { branch: "main", token: given, directory: server.folder },
      { ...process.env, GITHUB_SERVER_URL: server.server, GITHUB_REPOSITORY: "demo/platform" },
    );
  const remote = await remoteWith(token);
  return {
    server,
    release: (request, options = {}) =>
      releaseToGit({ remote, request, findDigests: () => Promise.resolve(new Map()), ...options }),
    imagesOf: (app, revision) => server.read(overlayPaths(app, "dev").images, revision),
    countCommits: async () => Number(await server.git("rev-list", "--count", "main")),
    remoteWith,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A digest that is the same for the same text. */
export const digestOf = (text: string) => `sha256:${Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64)}`;

/** Image `<app>-<component>` as a release wants it, with a key and a digest of the version. */
export const image = (name: string, version: string): WantedImage => ({
  name,
  app: name.split("-")[0] ?? "",
  key: `${version}0123456789`,
  repository: `123456789012.dkr.ecr.us-east-1.amazonaws.com/demo/${name}`,
  digest: digestOf(version),
});

/** The files of an app with a component `api` and an overlay for `dev`. */
export const appFiles = (app: string) => ({
  [`apps/${app}/api/Dockerfile`]: "FROM scratch\n",
  [`apps/${app}/api/Dockerfile.dockerignore`]: "*\n",
  [overlayPaths(app, "dev").overlay]: "components: [images]\n",
});

/** A release of images to `dev`. */
export const requestOf = (source: string, ...images: WantedImage[]): ReleaseRequest => ({
  environment: "dev",
  source,
  images,
});
