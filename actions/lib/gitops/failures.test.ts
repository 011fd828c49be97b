import { describe, expect, it } from "vitest";
import { SlipwayError } from "../core/errors.ts";
import { ProcessError } from "../core/process.ts";
import { judgeFailure } from "./failures.ts";

const failure = (text: string) => new ProcessError("git push", 1, "was refused", text);
const rejected = (reason: string) => `!\trefs/slipway/made:refs/heads/main\t[remote rejected] (${reason})`;

describe("worth another attempt", () => {
  it.each([
    `remote: fatal error in commit_refs\n${rejected("failure")}`,
    rejected("internal server error"),
    rejected("unpacker error"),
    rejected("unable to migrate objects to permanent storage"),
    rejected("missing necessary objects"),
    "fatal: unable to access 'https://github.com/a/b.git/': The requested URL returned error: 502",
    "fatal: unable to access 'https://github.com/a/b.git/': The requested URL returned error: 429",
    "fatal: unable to access 'https://github.com/a/b.git/': Could not resolve host: github.com",
    "fatal: unable to access 'https://github.com/a/b.git/': Failed to connect to github.com port 443: Connection refused",
    "fatal: unable to access 'https://github.com/a/b.git/': gnutls_handshake() failed: The TLS connection was non-properly terminated.",
    "fatal: unable to access 'https://github.com/a/b.git/': SSL connection timeout",
    "error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF\nfatal: index-pack failed",
    "error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503\nsend-pack: unexpected disconnect",
    "fatal: the remote end hung up unexpectedly",
    "kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from remote repository.",
    "remote: You have exceeded a secondary rate limit\nfatal: unable to access 'https://x/': The requested URL returned error: 403",
    `remote: GitLab: Internal API unreachable\n${rejected("pre-receive hook declined")}`,
    `remote: pre-receive.sh: execution timed out\n${rejected("pre-receive hook declined")}`,
    "remote: Internal Server Error\nfatal: Could not read from remote repository.",
  ])("as an outage: %s", (text) => {
    expect(judgeFailure(failure(text))).toBe("unreachable");
  });

  it.each([
    "!\ta:refs/heads/main\t[rejected] (fetch first)",
    "!\ta:refs/heads/main\t[rejected] (non-fast-forward)",
    "!\ta:refs/heads/main\t[rejected] (stale info)",
    rejected("cannot lock ref 'refs/heads/main': is at 111 but expected 222"),
    rejected("failed to update ref"),
    rejected("incorrect old value provided"),
  ])("as a race: %s", (text) => {
    expect(judgeFailure(failure(text))).toBe("raced");
  });
});

describe("final", () => {
  it.each([
    [rejected("pre-receive hook declined"), "push-refused", /does not take the release/],
    [rejected("protected branch hook declined"), "push-refused", /does not take the release/],
    [rejected("push declined due to repository rule violations"), "push-refused", /does not take the release/],
    [rejected("push declined due to email privacy restrictions"), "push-refused", /does not take the release/],
    [rejected("refusing to allow a GitHub App to create or update workflow"), "push-refused", /does not take/],
    [rejected("deletion prohibited"), "push-refused", /does not take the release/],
    [rejected("non-fast-forward"), "push-refused", /does not take the release/],
    ["remote: error: GH001: Large files detected.", "push-refused", /too large/],
    ["remote: This repository was archived so it is read-only.\nerror: 403", "push-refused", /takes no pushes/],
    ["remote: - GITHUB PUSH PROTECTION\nremote: Push cannot contain secrets", "push-refused", /secret/],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 403", "push-refused", /token/],
    ["fatal: Authentication failed for 'https://x/'", "push-refused", /token/],
    ["remote: Permission to a/b.git denied to c.\nfatal: error: 403", "push-refused", /token/],
    ["remote: Repository not found.\nfatal: repository 'https://x/' not found", undefined, /cannot be read/],
    ["fatal: couldn't find remote ref refs/heads/main", undefined, /has no refs\/heads\/main/],
  ])("is %s", (text, reason, message) => {
    const judged = judgeFailure(failure(text));
    expect(judged).toBeInstanceOf(SlipwayError);
    expect(judged).toMatchObject({ reason, message: expect.stringMatching(message), next: expect.any(String) });
  });

  it("is git itself when it cannot be started", () => {
    const cause = Object.assign(new Error("spawn git ENOENT"), { code: "ENOENT" });
    const error = new ProcessError("git fetch", null, "could not be started", "", cause);
    expect(judgeFailure(error)).toBe(error);
  });
});
