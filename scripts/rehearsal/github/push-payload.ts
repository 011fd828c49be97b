import { gitText } from "../../../actions/lib/git/git.ts";
import type { Pusher, RefUpdate } from "./git-server.ts";

/**
 * The fields of GitHub's `push` event that workflows and actions read
 * (https://docs.github.com/en/webhooks/webhook-events-and-payloads#push).
 *
 * @param directory the repository that has the commits
 * @param repository `owner/name`
 * @param branch the default branch
 */
export async function pushPayload(
  directory: string,
  repository: string,
  branch: string,
  update: RefUpdate,
  pusher: Pusher,
): Promise<object> {
  const [owner = "", name = ""] = repository.split("/");
  const format = "%H%x00%T%x00%cI%x00%an%x00%ae%x00%B";
  const [id, tree, timestamp, author, email, message] = (
    await gitText(directory, ["log", "-1", `--format=${format}`, update.after])
  ).split("\0");
  const head = { id, tree_id: tree, timestamp, message: message?.trimEnd(), author: { name: author, email } };
  return {
    ref: update.ref,
    before: update.before,
    after: update.after,
    created: /^0+$/.test(update.before),
    deleted: false,
    head_commit: head,
    commits: [head],
    pusher: { name: pusher },
    sender: { login: pusher, type: pusher === "bot" ? "Bot" : "User" },
    repository: { name, full_name: repository, owner: { login: owner, name: owner }, default_branch: branch },
  };
}
