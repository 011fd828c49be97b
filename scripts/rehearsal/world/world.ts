import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { allSettledOrThrow } from "../../../actions/lib/core/concurrency.ts";
import { ensureTerraform } from "../../../actions/lib/terraform/run/install.ts";
import { type AccountOwner, bootstrapAccount } from "../aws/account.ts";
import { type Authority, makeAuthority } from "../cluster/certificates.ts";
import { argocdRepository, reachesArgocd } from "../cluster/argocd/repository.ts";
import { followClusters, type RunningCluster } from "../cluster/clusters.ts";
import { chooseNodeImage, type NodeImage } from "../cluster/node-image.ts";
import { followKubeContext } from "../context/followed.ts";
import { consoleVariable } from "../console/address.ts";
import { hostAddress } from "../docker/host-address.ts";
import { cacheFolder } from "../tools/cache.ts";
import { endProcesses } from "./cleanup.ts";
import type { Docker } from "../docker/docker.ts";
import { startEmulator } from "../aws/emulator/emulator.ts";
import { startGitServer } from "../github/git-server.ts";
import { startGitHub } from "../github/github.ts";
import { startIdentity } from "../github/identity.ts";
import { assertLocal } from "./local.ts";
import { newUser, type Person } from "./person.ts";
import { startProxy } from "../aws/proxy/proxy.ts";
import { ensurePython } from "../tools/python.ts";
import type { JobState } from "../github/github-state.ts";
import type { JobRecord } from "../github/run-log.ts";
import { createRunner, type Runner } from "../github/runner.ts";
import { terraformEnvironment } from "../tools/terraform.ts";
import { linkKubectl, prepareImages, runCloudControllers, startDocker } from "./docker.ts";
import { type Outside, prepareKubeContext, takeKubeContext } from "./context.ts";
import { worldEnvironment } from "./environment.ts";
import { makeZone } from "./names.ts";
import type { World, WorldOptions } from "./parts.ts";

const account = "000000000000";
const region = "us-east-1";
const repository = "slipway/rehearsal";
const branch = "main";

/**
 * Makes a world: parts that do not need each other start side by side. What was started is put on `stack`, also when
 * a later part fails.
 */
export async function makeWorld(options: WorldOptions, stack: AsyncDisposableStack): Promise<World> {
  const { folder, logs } = options;
  const home = join(folder, "home");
  for (const each of [home, join(folder, "docker-config"), join(folder, "bin")]) await mkdir(each, { recursive: true });
  // The last to be taken away comes first here: whatever a part could not end itself.
  stack.defer(() => endProcesses(folder));
  const tokens = { person: randomBytes(20).toString("hex"), bot: randomBytes(20).toString("hex") };
  const runner: { current?: Runner } = {};
  const afterPush: World["afterPush"] = {};

  const docker = await startDocker(options, stack);
  const context = options.context && (await prepareKubeContext(options, options.context, stack));
  const host = context?.host ?? (await hostAddress(docker));
  const node = options.cluster && !context ? await chooseNodeImage(docker) : undefined;
  const server = await startGitServer({
    folder: join(folder, "git"),
    host,
    repository,
    branch,
    tokens,
    onPush: async (push) => {
      await runner.current?.onPush(push);
      if (push.pusher === "person") await afterPush.current?.(push);
    },
  });
  stack.use(server);
  const gitEnvironment = worldEnvironment(folder, { HOME: home });
  const identity = stack.use(await startIdentity({ repository, branch, host }));
  const authority = options.domain === undefined ? undefined : await makeAuthority(join(folder, "authority"));
  const settings = { account, repository, branch, issuer: identity.endpoint, domain: options.domain };
  const person = await newUser(options.source, join(folder, "person"), server, tokens.person, settings, gitEnvironment);
  if (context) await takeKubeContext(context, server.url, options);
  const github = stack.use(await startGitHub({ repository, token: tokens.bot, gitDirectory: server.directory }));

  const others = { GitHub: github.endpoint, git: server.endpoint, OIDC: identity.endpoint };
  const outside: Outside | undefined = context && { context, changed: (state) => followed?.changed(state) };
  const [images, { aws, tools, owner, base, names }] = await allSettledOrThrow([
    prepareImages(options, stack, docker, node, person),
    prepareAccount(options, stack, person, others, { docker, host, node, outside, authority, token: tokens.bot }),
  ]);
  // Where images cannot be pulled, neither can GitHub be reached.
  const lonely = context ? !(await reachesArgocd(gitEnvironment)) : node?.standIn;
  const argocd = lonely ? await argocdRepository(join(folder, "argocd")) : {};
  await linkKubectl(join(folder, "bin"), node);
  const onCluster = (cluster: RunningCluster) =>
    runCloudControllers(cluster, { ...aws, region }, person, logs, authority);
  const followed = context && stack.use(followKubeContext(context, onCluster));
  const clusters = followed ?? (node && stack.use(await followClusters({ docker, onCluster })));

  const terraformLog = join(folder, "terraform-processes.log");
  await countTerraform(join(folder, "bin"), tools.terraform, terraformLog);
  const path = [join(folder, "bin"), dirname(process.execPath), dirname(docker.command), process.env.PATH ?? ""];
  runner.current = createRunner({
    act: tools.act,
    folder: join(folder, "runs"),
    logs: join(logs, "runs"),
    directory: server.directory,
    repository,
    branch,
    token: tokens.bot,
    identity: { requestUrl: identity.requestUrl(), requestToken: identity.requestToken },
    environment: { ...base, ...images.environment, ...argocd, PATH: path.join(delimiter) },
    endpoints: { api: github.endpoint, server: server.endpoint },
    // The emulator brings nothing back minutes later, as EKS may.
    // Nobody on this machine but the checks knows the apps' names and trusts the authority: no console is told then.
    variables: { SETTLE_SECONDS: "5", ...(names ? {} : await consoleVariable(person, clusters, stack)) },
    signal: options.signal,
    ...(options.jobs ? { jobs: options.jobs } : {}),
    onRun: (run, jobs) => void github.state.jobs.set(run, () => jobs().map(asListed)),
  });
  return {
    folder,
    account,
    region,
    repository,
    branch,
    docker,
    emulator: aws.emulator,
    proxy: aws.proxy,
    github,
    server,
    person,
    owner,
    runner: runner.current,
    afterPush,
    identity,
    context,
    clusters,
    names,
    terraformLog,
  };
}

/** A job as GitHub's API lists it. */
function asListed({ name, ended, conclusion, began, milliseconds }: JobRecord): JobState {
  return {
    name,
    ...(ended ? { status: "completed", conclusion } : { status: "in_progress", conclusion: null }),
    started_at: new Date(began).toISOString(),
    completed_at: ended ? new Date(began + milliseconds).toISOString() : null,
  };
}

/** AWS, and in it what the account's owner makes once. */
async function prepareAccount(
  options: WorldOptions,
  stack: AsyncDisposableStack,
  person: Person,
  others: Record<string, string>,
  at: Parameters<typeof prepareAws>[2] & { authority: Authority | undefined; token: string },
) {
  const { folder, progress } = options;
  const [aws, tools] = await allSettledOrThrow([prepareAws(options, stack, at), prepareTools(options)]);
  for (const [what, url] of Object.entries({ AWS: aws.proxy.endpoint, ...others })) await assertLocal(what, url);
  const base = worldEnvironment(folder, {
    HOME: join(folder, "home"),
    AWS_ENDPOINT_URL: aws.proxy.endpoint,
    ...(await terraformEnvironment()),
  });
  const owner: AccountOwner = {
    terraform: tools.terraform,
    folder: join(folder, "owner"),
    environment: {
      ...base,
      AWS_ACCESS_KEY_ID: aws.emulator.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.emulator.credentials.secretAccessKey,
      AWS_REGION: region,
      // Nobody asks the real one about a repository that is not there.
      GITHUB_API_URL: others.GitHub,
      GITHUB_TOKEN: at.token,
    },
  };
  const { domain } = options;
  const names = domain !== undefined && at.authority && (await makeZone(aws.emulator, region, domain, at.authority));
  await progress.stage("bootstrap", async (stage) => {
    await bootstrapAccount(owner, person.directory, stage.log);
    stage.note("state bucket, OIDC provider, roles");
  });
  return { aws, tools, owner, base, names: names || undefined };
}

async function prepareAws(
  { logs, progress, day }: WorldOptions,
  stack: AsyncDisposableStack,
  at: { docker: Docker; host: string; node: NodeImage | undefined; outside: Outside | undefined },
) {
  return progress.stage("AWS", async (stage) => {
    const { docker, host, node, outside } = at;
    const cluster = node && { cluster: { image: node.name, dockerHost: docker.host } };
    const reached = (node ?? outside) && { host };
    const log = join(logs, "aws.log");
    const emulator = stack.use(await startEmulator({ log, account, region, ...reached, ...cluster }));
    await outside?.context.serveRegistry(account, region, emulator.endpoint);
    const outer = outside?.context.outerCluster(outside.changed);
    const proxy = stack.use(await startProxy({ upstream: emulator.endpoint, outer, day }));
    stage.note(`emulated at ${proxy.endpoint}`);
    return { emulator, proxy };
  });
}

async function prepareTools({ progress }: WorldOptions) {
  return progress.stage("tools", async (stage) => {
    const { act } = await ensurePython();
    const env = { ...process.env, RUNNER_TOOL_CACHE: cacheFolder("tools") };
    const terraform = await ensureTerraform({ env, log: (line) => stage.note(line) });
    stage.note("act, Terraform");
    return { act, terraform };
  });
}

/** Puts a `terraform` before the real one that notes each start, so that "no process started" can be seen. */
async function countTerraform(bin: string, terraform: string, log: string): Promise<void> {
  await writeFile(log, "");
  const file = join(bin, "terraform");
  await writeFile(file, `#!/bin/sh\necho "$*" >>'${log}'\nexec '${terraform}' "$@"\n`);
  await chmod(file, 0o755);
}
