import type { DoctorWorld, DoctorFault } from "./test-doctor.ts";

/** What can be wrong with a machine, a clone, and the settings of git and npm. */
export const machineFaults: readonly DoctorFault[] = [
  {
    what: "an old Node.js",
    finds: ["tool-node", "blocks", /22\.1\.0/],
    breaks: (world) => (world.node = "22.1.0"),
  },
  {
    what: "no git",
    finds: ["tool-git", "blocks", /missing/],
    breaks: ({ tools }) => (tools["git --version"] = undefined),
  },
  {
    what: "an old git",
    finds: ["tool-git", "blocks", /2\.25\.1/],
    breaks: ({ tools }) => (tools["git --version"] = "git version 2.25.1"),
  },
  {
    what: "no Terraform for this platform",
    finds: ["tool-terraform", "blocks", /linux_riscv64/],
    breaks(world) {
      world.tools["terraform version"] = '{"terraform_version": "1.5.7"}';
      world.platform = "linux_riscv64";
    },
  },
  {
    what: "no kubectl",
    finds: ["tool-kubectl", "advice", /missing/],
    breaks: ({ tools }) => (tools["kubectl version"] = undefined),
  },
  {
    what: "no Docker",
    finds: ["tool-docker", "advice", /missing/],
    breaks: ({ tools }) => (tools["docker --version"] = undefined),
  },
  {
    what: "a clone of SHA-256",
    finds: ["git-object-format", "blocks", /SHA-256/],
    breaks: ({ tools }) => (tools["git rev-parse"] = "sha256\n"),
  },
  {
    what: "a remote elsewhere, with a password",
    finds: ["git-remote", "advice", /goes to https:\/\/github\.com\/other\/fork\.git,/],
    breaks: ({ git }) => git("remote", "set-url", "origin", "https://me:secret@github.com/other/fork.git"),
  },
  {
    what: "no remote",
    finds: ["git-remote", "advice", /no remote/],
    breaks: ({ git }) => git("remote", "remove", "origin"),
  },
  {
    what: "a header of one's own for GitHub",
    finds: ["git-extra-header", "advice", /\(http\.extraheader\)/],
    breaks: ({ git }) => git("config", "--global", "http.extraHeader", "Authorization: secret"),
  },
  {
    what: "files in Git LFS, which is missing",
    finds: ["git-lfs", "advice", /1 files .*picture\.png/],
    async breaks({ write, git }) {
      await write(".gitattributes", "*.png filter=lfs diff=lfs merge=lfs -text\n");
      await write("picture.png", "version https://git-lfs.github.com/spec/v1\n");
      await git("add", ".");
    },
  },
  {
    what: "settings that are not committed",
    finds: ["git-uncommitted", "advice", /gitops\/bootstrap\/dev\/new\.yaml/],
    breaks: ({ write }) => write("gitops/bootstrap/dev/new.yaml", "kind: ConfigMap\n"),
  },
  {
    what: "npm without development packages",
    finds: ["npm-omit", "advice", /development packages/],
    breaks: npm({ omit: ["dev"] }),
  },
  {
    what: "another registry of npm",
    finds: ["npm-registry", "advice", /npm\.example\.org/],
    breaks: npm({ registry: "https://npm.example.org/" }),
  },
  {
    what: "npm without TLS' checks",
    finds: ["npm-strict-ssl", "advice", /certificate/],
    breaks: npm({ "strict-ssl": false }),
  },
  { what: "npm offline", finds: ["npm-offline", "advice", /offline/], breaks: npm({ offline: true }) },
  {
    what: "a proxy that Node.js does not use",
    finds: ["proxy", "advice", /HTTPS_PROXY/],
    breaks: ({ env }) => (env.HTTPS_PROXY = "http://proxy.example.org:3128"),
  },
];

function npm(changed: object) {
  return ({ tools }: DoctorWorld) => {
    const usual = JSON.parse(tools["npm config list --json"] ?? "") as object;
    tools["npm config list --json"] = JSON.stringify({ ...usual, ...changed });
    const lines = Object.entries(changed).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    tools["npm config list"] = `; "user" config from .npmrc\n\n${lines.join("")}`;
  };
}
