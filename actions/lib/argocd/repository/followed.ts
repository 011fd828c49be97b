import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { plainEnvironment } from "../../aws/credentials.ts";
import { git } from "../../git/git.ts";
import { ProcessError } from "../../core/process.ts";
import { parseYaml } from "../../core/yaml.ts";

const settings = z.object({ data: z.object({ url: z.string().min(1), branch: z.string().min(1) }) });

/** Where Argo CD is told what it follows. */
const path = "gitops/bootstrap/settings/repository.yaml";

/**
 * The address of the repository that Argo CD follows.
 *
 * @param directory the checkout's path
 * @throws SlipwayError when the file does not say one
 */
export async function followedRepository(directory: string): Promise<string> {
  const text = await readFile(join(directory, path), "utf8");
  return parseYaml(settings, text, path, "It names the repository and the branch that Argo CD follows.").data.url;
}

/** Milliseconds that a git server may take to answer. */
const timeout = 20_000;

/** What a git server says to somebody without credentials; GitHub tells a private repository from none to nobody. */
const refused =
  /could not read (Username|Password)|Authentication failed|[Rr]epository .*not found|returned error: 40[134]\b/;

/**
 * Whether everybody may read a repository: asked as Argo CD asks that has no credentials for it.
 *
 * @returns "unknown" where the server does not answer from here, which says nothing about Argo CD's way to it
 */
export async function openness(url: string, signal?: AbortSignal): Promise<"open" | "closed" | "unknown"> {
  try {
    await git(tmpdir(), ["ls-remote", "--quiet", url, "HEAD"], {
      env: plainEnvironment(),
      // A person's own credentials would answer another question; an empty value forgets those of their settings.
      settings: [
        ["credential.helper", ""],
        ["core.askPass", ""],
        ["http.extraHeader", ""],
      ],
      variables: { GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "", SSH_ASKPASS: "" },
      timeout,
      killAfter: 2_000,
      ...(signal && { signal }),
    });
    return "open";
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    return refused.test(error.stderr) ? "closed" : "unknown";
  }
}
