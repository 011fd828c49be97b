import { createPrivateKey, createSign, type KeyObject } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { messageOf, SlipwayError } from "../../actions/lib/core/errors.ts";

/**
 * Reads the private key of a GitHub App.
 *
 * @param file its path; not in `directory`, from where it would get into git
 * @returns the key; it is shown to nobody
 * @throws SlipwayError saying what is wrong with it, without a word of it
 */
export async function readPrivateKey(file: string, directory: string): Promise<KeyObject> {
  const wrong = (what: string) =>
    new SlipwayError(`${file} ${what}.`, {
      next: 'Take the .pem file that GitHub gives out under "Private keys" of the App, and keep it outside of the repository.',
      reason: "bad-key",
    });
  const path = await realpath(file).catch((error: unknown) => {
    throw wrong(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  if (path.startsWith(resolve(await realpath(directory)) + sep))
    throw wrong("lies in the repository, where it could be committed");
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw wrong(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  });
  if (/ENCRYPTED/.test(text)) throw wrong("is protected by a passphrase, which Argo CD cannot ask for");
  if (!/-----BEGIN (RSA )?PRIVATE KEY-----/.test(text)) throw wrong("holds no private key in PEM form");
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw wrong("holds a private key that is damaged");
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || bits < 2048)
    throw wrong("holds no RSA key of 2,048 bits or more, as GitHub's Apps have");
  return key;
}

/** The key as Argo CD takes it, without what else the file may hold. */
export const pemOf = (key: KeyObject): string => key.export({ type: "pkcs1", format: "pem" }).toString();

/** The part of GitHub's answer that counts: https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app */
interface GitHubAppInstallation {
  id: number;
  suspended_at?: string | null;
  permissions?: { contents?: string };
}

/** An App, and the repository that it is to read. */
export interface AppQuestion {
  /** Digits. */
  appId: string;
  key: KeyObject;
  /** `owner/name`. */
  repository: string;
}

/**
 * Asks GitHub, as the App, for its installation in a repository.
 *
 * @returns the installation's id
 * @throws SlipwayError when the key is not the App's, the App is not installed there, or it may not read the contents
 */
export async function findInstallation({ appId, key, repository }: AppQuestion): Promise<string> {
  const base = process.env.GITHUB_API_URL || "https://api.github.com";
  const answer = await fetch(`${base}/repos/${repository}/installation`, {
    headers: { accept: "application/vnd.github+json", authorization: `Bearer ${appToken(appId, key)}` },
    signal: AbortSignal.timeout(15_000),
  }).catch((cause: unknown) => {
    throw new SlipwayError(`GitHub could not be asked whether the key fits (${messageOf(cause)}).`, {
      next: "Look at the network, then run this again.",
      cause,
    });
  });
  const refuse = (message: string, next: string) => new SlipwayError(message, { next, reason: "bad-key" });
  if (answer.status === 401)
    throw refuse(
      `GitHub does not take this key for the App ${appId}.`,
      "Compare --app-id with \"App ID\" on the App's page, and check whether the key was deleted there and the machine's clock is right.",
    );
  if (answer.status === 404)
    throw refuse(
      `The App ${appId} is not installed for ${repository}.`,
      'Open "Install App" on its page, and choose this repository.',
    );
  if (!answer.ok)
    throw refuse(
      `GitHub answered ${answer.status} for the App ${appId}.`,
      "Run this again; githubstatus.com tells of outages.",
    );
  const { id, suspended_at: suspended, permissions = {} } = (await answer.json()) as GitHubAppInstallation;
  if (suspended)
    throw refuse(`The App ${appId} is suspended for ${repository}.`, "Lift that on its page, then run this again.");
  if (!/^(read|write)$/.test(permissions.contents ?? ""))
    throw refuse(
      `The App ${appId} may not read the contents of ${repository}.`,
      'Give it "Contents: read-only" under "Permissions", and accept that where it is installed.',
    );
  return String(id);
}

/**
 * What an App shows who it is with, for the next minutes.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
function appToken(appId: string, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  // Clocks differ: GitHub asks for a minute before.
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode({ iat: now - 60, exp: now + 300, iss: appId })}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}
