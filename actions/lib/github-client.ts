/** A repository on GitHub. */
export interface Repository {
  owner: string;
  repo: string;
}

/** The client of GitHub's API. */
export type Octokit = ReturnType<typeof import("@actions/github").getOctokit>;

/** GitHub refuses a longer comment or pull request body; counted in characters. */
export const bodyLimit = 65_536;

/** A body that GitHub takes: cut at a line's end, with open code blocks closed, when it is too long. */
export function cutBody(body: string): string {
  if (body.length < bodyLimit) return body;
  const note = "\n\n*Cut: GitHub's limit is reached. The whole text is in the job summary.*\n";
  const room = body.slice(0, bodyLimit - note.length - 16);
  const kept = room.slice(0, Math.max(room.lastIndexOf("\n"), 0)) || room;
  const fences = kept.match(/^```/gm)?.length ?? 0;
  return `${kept}${fences % 2 === 1 ? "\n```" : ""}${note}`;
}
