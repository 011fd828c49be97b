import { worldVariable } from "./cleanup.ts";

/** Settings of the person's own shell that must not reach a rehearsal: real accounts, repositories and tools' options. */
const foreign = [
  /^AWS_(?!CA_BUNDLE$)/,
  /^(GITHUB|ACTIONS|RUNNER|INPUT)_/,
  /^GIT_(?!SSL_)/,
  /^(DOCKER|BUILDX|BUILDKIT|COMPOSE)_/,
  /^TF_(?!PLUGIN_MIRROR$)/,
  /^(TERRAFORM|KUBE|ARGOCD)/,
  /^NODE_OPTIONS$/,
  /^VITEST/,
];

/**
 * The environment of a world's processes: the person's, without what names real accounts and repositories.
 *
 * @param world the world's folder, by which its processes are known
 * @param more variables that the world sets; an undefined one is left out
 */
export function worldEnvironment(world: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !foreign.some((pattern) => pattern.test(name)));
  const all: NodeJS.ProcessEnv = {
    ...Object.fromEntries(kept),
    // What is not in the environment would be read from the home folder, or from a cloud machine's metadata service.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    CHECKPOINT_DISABLE: "1",
    ...more,
    [worldVariable]: world,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
