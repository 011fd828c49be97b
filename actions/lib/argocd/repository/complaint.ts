import { SlipwayError } from "../../core/errors.ts";
import { type Application, argocdNamespace, complaintsOf } from "../application.ts";
import { type Missing, rootApplication, unsynced } from "../readiness.ts";

/** The error for a repository that Argo CD cannot read. */
export function unreadable(message: string, environment: string): SlipwayError {
  return new SlipwayError(message, {
    next:
      `On your machine, run: ./slipway repository ${environment} --app-id ID --private-key FILE ` +
      '(gitops/README.md, "A private repository"). Then run the failed job again.',
    reason: "repository-unreadable",
  });
}

/** What Argo CD says of a repository that it may not read: go-git's and GitHub's words. None of them passes by itself. */
const lasting =
  /authentication required|repository not found|invalid username or password|invalid credentials|could not refresh installation id|could not parse private key|authorization failed/i;

/** Whether a complaint of Argo CD's says that it may not read its repository. */
export const isUnreadable = (complaint: string): boolean => lasting.test(complaint);

/**
 * As `unsynced`, but it ends where waiting cannot help.
 *
 * @param patience milliseconds for which Argo CD may go on saying that it may not read the repository: a complaint from
 *   before it was given a key goes when it looks again
 * @throws SlipwayError with reason `repository-unreadable`
 */
export function unsyncedOrUnreadable(environment: string, patience: number, now = Date.now): Missing<Application> {
  let since: number | undefined;
  return (applications) => {
    const root = applications.get(`${argocdNamespace}/${rootApplication}`);
    const complaint = root && complaintsOf(root).find(isUnreadable);
    if (complaint === undefined) since = undefined;
    // While it is asked to look, what it says is old.
    else if (root?.metadata.annotations?.["argocd.argoproj.io/refresh"] === undefined) {
      since ??= now();
      if (now() - since >= patience)
        throw unreadable(`Argo CD may not read the repository with what it has (${complaint}).`, environment);
    }
    return unsynced(applications);
  };
}
