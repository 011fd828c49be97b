import { describe, expect, it } from "vitest";
import { type BuildInputs, buildArguments, buildFailure, parseBuilder, usesContainerdStore } from "./builder.ts";

const inputs: BuildInputs = {
  builder: { name: "slipway", driver: "docker-container", exportsCache: true },
  context: "/tmp/build/context",
  dockerfile: "/tmp/build/context/apps/guests/api/Dockerfile",
  reference: "registry.example/slipway/guests-api:0a1b",
  cacheReference: "registry.example/slipway/build-cache:guests-api",
  labels: { "org.opencontainers.image.title": "guests-api" },
  architecture: "amd64" as const,
  pull: false,
  epoch: 1_700_000_000,
  metadataFile: "/tmp/build/metadata.json",
};

describe("buildArguments", () => {
  it("builds one image, pushes it and keeps the cache in the registry", () => {
    expect(buildArguments(inputs)).toEqual([
      "buildx",
      "build",
      "--builder=slipway",
      "--file=/tmp/build/context/apps/guests/api/Dockerfile",
      "--progress=plain",
      "--platform=linux/amd64",
      "--provenance=false",
      "--metadata-file=/tmp/build/metadata.json",
      "--output=type=image,name=registry.example/slipway/guests-api:0a1b,push=true,source-date-epoch=1700000000,rewrite-timestamp=true",
      "--label=org.opencontainers.image.title=guests-api",
      "--cache-from=type=registry,ref=registry.example/slipway/build-cache:guests-api",
      "--cache-to=type=registry,ref=registry.example/slipway/build-cache:guests-api,mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true",
      "/tmp/build/context",
    ]);
  });

  it("asks for base images again where the key depends on the month", () => {
    expect(buildArguments({ ...inputs, pull: true })).toContain("--pull");
  });

  it("asks a builder that cannot export a cache for none", () => {
    const args = buildArguments({ ...inputs, builder: { name: "default", driver: "docker", exportsCache: false } });
    expect(args.filter((each) => each.includes("cache"))).toEqual([]);
    expect(args).toContain("--builder=default");
  });
});

describe("the builder", () => {
  it("is read from buildx's words", () => {
    const text =
      "Name:          slipway\nDriver:        docker-container\n\nNodes:\nName:  slipway0\nDriver Options: x\n";
    expect(parseBuilder(text)).toEqual({ name: "slipway", driver: "docker-container" });
  });

  it("is missing where Docker does not answer", () => {
    const text =
      "Name:          default\nDriver:        \nLast Activity: 2026-02-03\nError:         Cannot connect to it.\n";
    expect(() => parseBuilder(text)).toThrow("no builder that answers: Cannot connect to it.");
    expect(() => parseBuilder("")).toThrow("no builder that answers: buildx said nothing");
  });

  it("exports a cache from the containerd image store only", () => {
    expect(usesContainerdStore('[["driver-type","io.containerd.snapshotter.v1"]]')).toBe(true);
    expect(usesContainerdStore('[["Backing Filesystem","extfs"],["Supports d_type","true"]]')).toBe(false);
  });
});

describe("buildFailure", () => {
  it("keeps the failing step and the error", () => {
    const output = [
      "#6 [2/3] COPY a.txt /a.txt",
      "#6 DONE 0.0s",
      "#7 ERROR: executor failed running [/nothing x]: exit code: 1",
      "------",
      " > importing cache manifest from registry.example/slipway/build-cache:guests-api:",
      "------",
      "------",
      " > [3/3] RUN npm ci:",
      "0.243 npm error code EUSAGE",
      "------",
      "Dockerfile:3",
      "--------------------",
      "   3 | >>> RUN npm ci",
      "--------------------",
      "ERROR: failed to build: failed to solve: process did not complete: exit code: 1",
    ].join("\n");
    expect(buildFailure(output)).toBe(
      [
        " > [3/3] RUN npm ci:",
        "0.243 npm error code EUSAGE",
        "Dockerfile:3",
        "--------------------",
        "   3 | >>> RUN npm ci",
        "--------------------",
        "ERROR: process did not complete: exit code: 1",
      ].join("\n"),
    );
  });

  it("keeps the error where no step failed", () => {
    const output =
      "#2 DONE 0.0s\nERROR: failed to build: failed to solve: dockerfile parse error line 1: unknown FRM\n";
    expect(buildFailure(output)).toBe("ERROR: dockerfile parse error line 1: unknown FRM");
  });

  it("keeps the end of a long step", () => {
    const output = ["------", ...Array.from({ length: 60 }, (_, index) => `line ${index}`), "------", "ERROR: it"].join(
      "\n",
    );
    expect(buildFailure(output).split("\n")).toHaveLength(25);
    expect(buildFailure(output)).toMatch(/line 59\nERROR: it$/);
  });
});
