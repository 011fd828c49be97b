import { describe, expect, it } from "vitest";
import { baseImages, isPinned } from "./base-images.ts";

const names = (...lines: string[]) =>
  baseImages(lines.join("\n"), "apps/demo/api/Dockerfile").map(({ image }) => image);
const digest = `sha256:${"a".repeat(64)}`;

describe("baseImages", () => {
  it("leaves out stages, numbers and scratch", () => {
    const text = [
      "# syntax=docker/dockerfile:1",
      "FROM --platform=$BUILDPLATFORM node:24.1.0-bookworm-slim AS Build",
      "FROM build AS pruned",
      "COPY --from=BUILD /a /a",
      "COPY --from=0 /a /a",
      "COPY --from=later /a /a",
      "COPY --link --from=redis:7.2.11-bookworm /bin/x /bin/x",
      "RUN --mount=type=cache,target=/x,from=pruned --mount=type=bind,from=golang:1.25,target=/go echo",
      "FROM scratch as later",
      "from registry.example.com:5000/a/nginx:1.28.0-bookworm",
      "COPY --from=0.1:2 /a /b",
    ];
    expect(names(...text)).toEqual([
      "node:24.1.0-bookworm-slim",
      "redis:7.2.11-bookworm",
      "golang:1.25",
      "registry.example.com:5000/a/nginx:1.28.0-bookworm",
      "0.1:2",
    ]);
  });

  it("takes nothing from heredocs, comments and continued lines", () => {
    expect(
      names(
        "FROM a:1 \\",
        "  # FROM comment:1",
        "",
        "  AS x",
        "RUN <<EOF",
        "FROM one:1",
        "EOF",
        "RUN cat <<-'A' <<\"B\"",
        "FROM two:2",
        "\tA",
        "COPY --from=three:3 / /",
        "B",
        "RUN echo \\",
        "  FROM four:4",
        'RUN echo "<<NOT"',
        "ONBUILD COPY --from=five:5 / /",
        "FROM b:2",
      ),
    ).toEqual(["a:1", "b:2"]);
  });

  it("reads another escape character, other line ends and a byte order mark", () => {
    const text = "\uFEFF# escape=`\r\nFROM `\r\n  a:1 AS x\r\nRUN dir c:\\\r\nFROM b:2\r\n";
    const found = baseImages(text, "Dockerfile");
    expect(found.map(({ image, line }) => ({ image, line }))).toEqual([
      { image: "a:1", line: 2 },
      { image: "b:2", line: 5 },
    ]);
    for (const { image, offset = -1 } of found) expect(text.slice(offset, offset + image.length)).toBe(image);
  });

  it.each([
    ["$BASE", "node:24"],
    ["${BASE}-slim", "node:24-slim"],
    ['"${BASE}"', "node:24"],
    ["nginx:${VERSION}", "nginx:1.2"],
    ["nginx:${NONE:-3}", "nginx:3"],
    ["nginx:${EMPTY:-3}${EMPTY-4}", "nginx:3"],
    ["nginx:${NONE:-${VERSION}}", "nginx:1.2"],
    ["nginx:5${VERSION:+-slim}${NONE:+-fat}", "nginx:5-slim"],
    ["nginx:$TWICE", "nginx:1.2-1.2"],
  ])("replaces arguments by their defaults in FROM %s", (written, image) => {
    const args = ["ARG BASE=node:24 NONE", "ARG VERSION='1.2' EMPTY=", "ARG TWICE=${VERSION}-$VERSION"];
    expect(names(...args, `FROM ${written}`)).toEqual([image]);
  });

  it("replaces an argument that names a stage", () => {
    expect(names("ARG KIND=release", "FROM a:1 AS release", "FROM b:1 AS debug", "FROM ${KIND}")).toEqual([
      "a:1",
      "b:1",
    ]);
  });

  it.each([
    ["FROM nginx:${V}", "apps/demo/api/Dockerfile:3: FROM takes the image nginx:${V}, which is not a fixed name."],
    ["FROM nginx:${W}", "Dockerfile:3: FROM"],
    ["FROM nginx:${TARGETARCH:-x}", "Dockerfile:3: FROM"],
    ["FROM nginx:${V#x}", "Dockerfile:3: FROM"],
    ["FROM a:1\nARG Z=1\nFROM b:$Z", "Dockerfile:5: FROM"],
    ["FROM a:1\nCOPY --from=$V / /", "Dockerfile:4: COPY"],
    ["FROM a:1\nRUN --mount=from=b:$V echo", "Dockerfile:4: RUN"],
    ["FROM a:1\nRUN cat 5<<E\nFROM b:1\nE", "is not an instruction of a Dockerfile"],
  ])("refuses %j", (text, message) => {
    expect(() => names("ARG V", "", text)).toThrow(message);
  });
});

it("says where a name is written as it is", () => {
  const text = 'ARG V=2\nFROM "a:1"\nFROM b:$V\nRUN --mount=target=/go,from=go echo\nCOPY --from=c:1 / /\n';
  const found = baseImages(text, "Dockerfile").map(({ image, offset }) => ({ image, offset }));
  expect(found).toEqual([
    { image: "a:1", offset: text.indexOf("a:1") },
    { image: "b:2", offset: undefined },
    { image: "go", offset: text.indexOf("go echo") },
    { image: "c:1", offset: text.indexOf("c:1") },
  ]);
});

it("tells a digest from a tag", () => {
  expect(isPinned(`node:24@${digest}`)).toBe(true);
  expect(isPinned(`node@${digest}`)).toBe(true);
  expect(isPinned("node:24")).toBe(false);
  expect(isPinned("node:24@sha256:abc")).toBe(false);
});
