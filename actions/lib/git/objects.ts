import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { SlipwayError } from "../core/errors.ts";
import { gitEnvironment } from "./environment.ts";

/** One entry of a git tree: `mode` as git writes it ("100644", "40000" for a folder), `id` the object's hex name. */
export interface TreeEntry {
  readonly mode: string;
  readonly id: string;
}
/** A folder of a revision: entries by name, in git's order. */
export type Tree = ReadonlyMap<string, TreeEntry>;

export const FOLDER_MODE = "40000";
export const LINK_MODE = "120000";
export const SUBMODULE_MODE = "160000";

const NONE: Tree = new Map();

interface GitObject {
  id: string;
  type: string;
  content: Buffer;
}

/**
 * Reads objects of a repository through one `git cat-file` that stays open, because what to ask next depends on the
 * last answer, and a process for each question would cost more than the answers. Needs git 2.36 (April 2022).
 * One question at a time: wait for an answer before asking again.
 */
export class GitObjects implements AsyncDisposable {
  readonly #repository: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #trees = new Map<string, Tree>();
  readonly #ended: Promise<string>;
  #buffer: Buffer = Buffer.alloc(0);
  /** Where the part of `#buffer` that is not read yet begins. */
  #offset = 0;

  /**
   * @param repository a folder inside the repository, or a bare repository
   * @param env what git's environment is made from, see `gitEnvironment`
   */
  constructor(repository: string, env: NodeJS.ProcessEnv = process.env) {
    this.#repository = repository;
    this.#child = spawn("git", ["cat-file", "--batch-command", "--buffer"], {
      cwd: repository,
      env: gitEnvironment([], env),
      stdio: "pipe",
    });
    this.#chunks = this.#child.stdout[Symbol.asyncIterator]();
    this.#child.stdin.on("error", () => {}); // the end that caused it is reported instead
    let said = "";
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve(error.message));
      this.#child.on("close", (code, signal) =>
        resolve(said.trim() || `it ended by ${signal ?? `exit code ${code}`}.`),
      );
    });
  }

  /**
   * The commit and the root folder's id of a revision.
   * @throws SlipwayError when the repository has no such commit
   */
  async revision(revision: string): Promise<{ commit: string; tree: string }> {
    if (/[\s\0]/.test(revision) || revision === "")
      throw new SlipwayError(`${JSON.stringify(revision)} is not a git revision.`);
    const [commit, tree] = await this.#read([`${revision}^{commit}`, `${revision}^{tree}`]);
    if (!commit || !tree)
      throw new SlipwayError(`The repository has no commit ${revision}.`, { next: "Commit, or fetch it, first." });
    return { commit: commit.id, tree: tree.id };
  }

  /** The folders with these ids; each is read once. */
  async trees(ids: Iterable<string>): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.#trees.has(id));
    const objects = await this.#read(unknown);
    for (const [index, object] of objects.entries()) {
      const id = unknown[index] ?? "";
      if (object?.type !== "tree")
        throw new SlipwayError(`Folder object ${id} is missing from the repository.`, {
          next: "Fetch again; a plan needs the trees of its commit (a filter may leave out blobs only).",
        });
      this.#trees.set(id, parseTree(object));
    }
  }

  /** A folder that `trees` has read; empty when the entry is not a folder. */
  tree(entry: TreeEntry | undefined): Tree {
    return (entry?.mode === FOLDER_MODE ? this.#trees.get(entry.id) : undefined) ?? NONE;
  }

  /** The text of each file id, decoded as UTF-8. @throws SlipwayError when one is missing */
  async texts(ids: Iterable<string>): Promise<Map<string, string>> {
    const unique = new Set(ids);
    const texts = await this.presentTexts(unique);
    for (const id of unique)
      if (!texts.has(id))
        throw new SlipwayError(`File object ${id} is missing from the repository.`, { next: "Fetch it." });
    return texts;
  }

  /** As `texts`, without those that are missing; a partial clone fetches each of them, one at a time. */
  async presentTexts(ids: Iterable<string>): Promise<Map<string, string>> {
    const unique = [...new Set(ids)];
    const objects = await this.#read(unique);
    return new Map(
      objects.flatMap((object): [string, string][] => (object ? [[object.id, object.content.toString("utf8")]] : [])),
    );
  }

  /**
   * Finds paths of a revision, reading each folder on their way once.
   * @returns what is at each path, and in each folder above it ("" is the root); `undefined` where nothing is
   */
  async resolve(root: string, paths: Iterable<string>): Promise<Map<string, TreeEntry | undefined>> {
    const found = new Map<string, TreeEntry | undefined>([["", { mode: FOLDER_MODE, id: root }]]);
    const unread = new Set<string>();
    const find = (path: string): boolean => {
      if (found.has(path)) return true;
      const folder = parentOf(path);
      if (!find(folder)) return false;
      const parent = found.get(folder);
      if (parent?.mode === FOLDER_MODE && !this.#trees.has(parent.id)) unread.add(parent.id);
      else found.set(path, this.tree(parent).get(folder === "" ? path : path.slice(folder.length + 1)));
      return found.has(path);
    };
    for (let open = [...paths]; open.length > 0;) {
      unread.clear();
      open = open.filter((path) => !find(path));
      await this.trees(unread);
    }
    return found;
  }

  /** Reads the given folders and all folders in them. */
  async everything(entries: Iterable<TreeEntry>): Promise<void> {
    const seen = new Set<string>();
    for (let open = [...entries]; open.length > 0;) {
      const folders = open.filter(({ mode, id }) => mode === FOLDER_MODE && !seen.has(id));
      for (const { id } of folders) seen.add(id);
      await this.trees(folders.map(({ id }) => id));
      open = folders.flatMap((folder) => [...this.tree(folder).values()]);
    }
  }

  /**
   * Adds every file, link and submodule at or below a path to `files`; `everything` must have read its folders.
   *
   * @param keeps whether to take a file or to open a folder; it is not asked about `path` itself
   */
  collect(
    files: Map<string, TreeEntry>,
    path: string,
    entry: TreeEntry,
    keeps?: (path: string, name: string, isFolder: boolean) => boolean,
  ): void {
    if (entry.mode !== FOLDER_MODE) {
      files.set(path, entry);
      return;
    }
    for (const [name, child] of this.tree(entry)) {
      const below = path === "" ? name : `${path}/${name}`;
      if (!keeps || keeps(below, name, child.mode === FOLDER_MODE)) this.collect(files, below, child, keeps);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  /** Asks for objects by name, all at once, and waits for the answers; `undefined` for one that does not exist. */
  async #read(names: readonly string[]): Promise<(GitObject | undefined)[]> {
    if (names.length === 0) return [];
    this.#child.stdin.write(`contents ${names.join("\ncontents ")}\nflush\n`);
    const objects: (GitObject | undefined)[] = [];
    while (objects.length < names.length) {
      let end = this.#buffer.indexOf(10, this.#offset);
      while (end < 0) {
        await this.#more(1);
        end = this.#buffer.indexOf(10);
      }
      const header = this.#buffer.toString("latin1", this.#offset, end);
      this.#offset = end + 1;
      const [id, type, size] = header.split(" ");
      if (!id || !type || !size) {
        if (type !== "missing") throw new SlipwayError(`git does not know which object is meant: ${header}`);
        objects.push(undefined);
        continue;
      }
      const length = Number(size);
      await this.#more(this.#offset + length + 1 - this.#buffer.length);
      objects.push({ id, type, content: this.#buffer.subarray(this.#offset, this.#offset + length) });
      this.#offset += length + 1;
    }
    return objects;
  }

  /** Waits until `lacking` more bytes have arrived. */
  async #more(lacking: number): Promise<void> {
    if (lacking <= 0) return;
    const parts = [this.#buffer.subarray(this.#offset)];
    for (let missing = lacking; missing > 0;) {
      const { value, done } = (await this.#chunks.next()) as IteratorResult<Buffer, undefined>;
      if (done) throw new SlipwayError(`git could not read objects in ${this.#repository}: ${await this.#ended}`);
      parts.push(value);
      missing -= value.length;
    }
    this.#buffer = Buffer.concat(parts);
    this.#offset = 0;
  }
}

/** The folder that holds a path; "" for one at the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** A tree object is `<mode> <name>\0<binary id>`, over and over: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function parseTree({ id, content }: GitObject): Tree {
  const idBytes = id.length / 2;
  const entries = new Map<string, TreeEntry>();
  for (let offset = 0; offset < content.length;) {
    const space = content.indexOf(32, offset);
    const zero = content.indexOf(0, space);
    const end = zero + 1 + idBytes;
    const mode = content.toString("latin1", offset, space);
    const name = content.toString("utf8", space + 1, zero);
    if (name.includes("\ufffd"))
      throw new SlipwayError(`A file's name in tree ${id} is not UTF-8: ${JSON.stringify(name)}.`, {
        next: "Rename it.",
      });
    entries.set(name, { mode, id: content.toString("hex", zero + 1, end) });
    offset = end;
  }
  return entries;
}
