import { configured, type DoctorWorld, type DoctorFault, replaced } from "./test-doctor.ts";

const settingsFile = "gitops/bootstrap/settings/repository.yaml";

/** Writes a file and commits it. */
const committed = (path: string, text: string) => async (world: DoctorWorld) => {
  await world.write(path, text);
  await world.git("add", ".");
  await world.git("-c", "user.name=A person", "-c", "user.email=person@example.com", "commit", "-qm", "A change");
};

/** What can be wrong with slipway.yaml and the files that go with it. */
export const repositoryFaults: readonly DoctorFault[] = [
  {
    what: "a run of another repository",
    finds: ["git-repository", "blocks", /This run is of octo-org\/fork/],
    breaks: (world) => (world.subject.run = { repository: "octo-org/fork" }),
  },
  {
    what: "a run with other ids",
    finds: ["git-repository", "blocks", /not those of the repository/],
    breaks: (world) => (world.subject.run = { repository: "octo-org/octo-repo", ids: { owner: 7, repository: 9 } }),
  },
  {
    what: "Argo CD following another repository",
    finds: ["argocd-repository", "blocks", /follow git@github\.com:your-name\/slipway\.git/],
    breaks: committed(settingsFile, "data: { url: git@github.com:your-name/slipway.git, branch: main }\n"),
  },
  {
    what: "Argo CD following another branch",
    finds: ["argocd-repository", "blocks", /the branch "master"/],
    breaks: committed(settingsFile, "data: { url: https://github.com/octo-org/octo-repo, branch: master }\n"),
  },
  {
    what: "no folder for Argo CD's installation",
    finds: ["environment-folders", "blocks", /gitops\/bootstrap\/dev/],
    async breaks(world) {
      await world.git("mv", "gitops/bootstrap/dev", "gitops/bootstrap/prod");
      await committed("README.md", "Moved.\n")(world);
    },
  },
  {
    what: "no app with an overlay",
    finds: ["environment-folders", "advice", /nothing will run/],
    breaks: ({ git }) => git("mv", "gitops/apps/demo/overlays/dev", "gitops/apps/demo/overlays/prod"),
  },
  {
    what: "a workflow for another branch",
    finds: ["deliver-branch", "blocks", /pushes to trunk/],
    breaks: committed(".github/workflows/deliver.yml", "on: { push: { branches: [trunk] } }\n"),
  },
  {
    what: "a lease that has ended",
    finds: ["lease", "blocks", /ended on 2020-01-01/],
    breaks: configured((text) => `${text}    lease: { until: "2020-01-01" }\n`),
  },
  {
    what: "a budget that warns nobody",
    finds: ["budget", "advice", /warns nobody/],
    breaks: replaced(", email: costs@example.com", ""),
  },
  {
    what: "a budget that is too small",
    finds: ["budget", "advice", /costs about \d+ USD a month, and its budget is 100/],
    breaks: replaced("monthlyUsd: 400", "monthlyUsd: 100"),
  },
];
