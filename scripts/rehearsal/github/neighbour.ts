import { git, gitText } from "../../../actions/lib/git/git.ts";
import type { GitServer } from "./git-server.ts";

/**
 * Puts a commit on a branch that no workflow sees, as somebody does whose push starts none.
 *
 * @param path the file that the commit writes
 * @returns the commit
 */
export async function commitAsNeighbour(
  server: GitServer,
  branch: string,
  message: string,
  path: string,
  text: string,
): Promise<string> {
  const data = (content: string) => `data ${Buffer.byteLength(content)}\n${content}\n`;
  // https://git-scm.com/docs/git-fast-import
  const stream = [
    `commit refs/heads/${branch}\ncommitter A neighbour <neighbour@example.org> now\n${data(message)}`,
    `from refs/heads/${branch}^0\nM 100644 inline ${path}\n${data(text)}\ndone\n`,
  ];
  const options = ["--quiet", "--done", "--date-format=now"];
  await git(server.directory, ["fast-import", ...options], { input: stream.join("") });
  return gitText(server.directory, ["rev-parse", branch]);
}
