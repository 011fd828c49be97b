import { code, safe, type Markdown, markdownTable, text } from "../core/markdown.ts";
import type { ImageChange, ReleaseRequest } from "./changes.ts";

/** A subject that a terminal of 80 columns shows whole, after git's indentation. */
const subjectWidth = 72;

/** The release commit's message: what changed in the subject, digests in the body, provenance as trailers. */
export function releaseMessage(request: ReleaseRequest, images: readonly ImageChange[]): string {
  const changed = images.filter((each) => each.state === "changed" || each.state === "removed");
  const lines = changed.map((each) => `${each.name}: ${each.before ?? "(none)"} -> ${each.after ?? "(removed)"}`);
  const trailers = [`Source-Commit: ${request.source}`, ...(request.run ? [`Run: ${request.run}`] : [])];
  return `${releaseTitle(request.environment, images)}\n\n${lines.join("\n")}\n\n${trailers.join("\n")}\n`;
}

/** `Release to dev: notes-api 1a2b3c4, ...`, with as many images as fit. */
export function releaseTitle(environment: string, images: readonly ImageChange[]): string {
  const names = images.flatMap((each) => {
    if (each.state === "removed") return [`${each.name} removed`];
    return each.state === "changed" ? [`${each.name} ${each.key?.slice(0, 7)}`] : [];
  });
  const title = (shown: number) => {
    const more = names.length - shown;
    return `Release to ${environment}: ${[...names.slice(0, shown), ...(more > 0 ? [`${more} more`] : [])].join(", ")}`;
  };
  let shown = names.length;
  while (shown > 1 && title(shown).length > subjectWidth) shown = Math.min(shown - 1, subjectWidth);
  return title(shown);
}

/** A table of what became of each image, for the job summary and the pull request. */
export function changesTable(images: readonly ImageChange[]): Markdown {
  if (images.length === 0) return safe`No app has an image.`;
  return markdownTable(
    ["Image", "Before", "After", ""],
    images.map((each) => [text(each.name), short(each.before), short(each.after), note(each)]),
  );
}

function short(digest: string | undefined): Markdown {
  return code(digest?.slice(0, "sha256:".length + 12) ?? "");
}

function note(image: ImageChange): Markdown {
  switch (image.state) {
    case "held":
      return safe`**held**: ${text(image.reason ?? "", 500)}`;
    case "skipped":
      return safe`no overlay for this environment`;
    case "superseded":
      return safe`as the newest commit wants it`;
    default:
      return text(image.state);
  }
}
