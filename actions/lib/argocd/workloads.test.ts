import { expect, it } from "vitest";
import type { ContainerStatus } from "./objects.ts";
import { crashing, fresh, image, judged, oldImage, proven, pulling, waits } from "../../testing/argocd/judgement.ts";
import { applicationOf, commits, deploymentOf } from "../../testing/argocd/objects.ts";

const { newName, digest } = image;
const seen = (container: Partial<ContainerStatus>, deployed = fresh) =>
  judged(applicationOf(), deploymentOf({ ...deployed, container }));

it.each([
  ["the wanted digest", `${newName}@${digest}`],
  ["the wanted digest, with a scheme", `docker-pullable://${newName}@${digest}`],
  ["the wanted digest alone", digest],
  ["the digest of the configuration", oldImage.digest],
  ["the digest of the configuration, with a scheme", `docker://${oldImage.digest}`],
  ["the same content of another repository", `mirror.example/guests-api@${oldImage.digest}`],
  ["a repository without a digest", `${newName}:latest`],
  ["nothing", ""],
])("a ready pod that is to run the wanted digest is proven where its node reports %s", (_, imageID) => {
  expect(seen({ imageID })).toMatchObject(proven(commits.ours));
});

it.each([`${newName}@${oldImage.digest}`, `docker-pullable://${newName}@${oldImage.digest}`])(
  "another digest of its repository belongs to the earlier container: %s",
  (imageID) => {
    expect(seen({ imageID })).toMatchObject(waits("rolls out guests-api", /has 0 of 2 pods ready/));
  },
);

it.each([digest, "", `mirror.example/guests-api@${digest}`, `${newName}@${digest}`])(
  "no report makes up for another digest in the pod itself: %s",
  (imageID) => {
    const other = seen({ imageID }, { ...fresh, image: oldImage });
    expect(other).toMatchObject(waits("rolls out guests-api", /is to run guests-api \w{12} instead of \w{12}/));
  },
);

it.each<[string, Partial<ContainerStatus>]>([
  ["is not ready", { ready: false }],
  ["waits", { state: { waiting: { reason: "ContainerCreating" } } }],
  ["crashes", crashing],
  ["has no image", pulling("503 Service Unavailable")],
  ["is not reported", { name: "another" }],
])("an id that says nothing is not enough for a container that %s", (_, container) => {
  expect(seen({ imageID: digest, ...container }).state).not.toBe("proven");
});
