import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { cached, cacheFolder } from "../tools/cache.ts";
import { unmountBelow } from "./mounts.ts";
import { ensureSystemPackages, findProgram } from "../tools/system.ts";

/** A small Debian, packed. */
export interface Rootfs {
  /** The tar file with its files. */
  tar: string;
}

const release = "bookworm";

/** Where this machine gets Debian packages from: one line of `sources.list` without its first word. */
interface PackageSource {
  site: string;
  suite: string;
  components: string[];
}

/**
 * A minimal Debian of packages from the mirror that this machine's own apt-get uses, with this machine's trusted
 * certificates in it. Made by debootstrap, once a month at most, so that it is neither old nor made every time.
 *
 * @param log the file that gets what the tools print
 * @throws SlipwayError where debootstrap cannot work: not on Linux, or not as root
 */
export async function makeRootFilesystem(log: string): Promise<Rootfs> {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    throw new SlipwayError("Base images cannot be pulled here, and only root on Linux can make stand-ins for them.", {
      next: "Give Docker a way to a registry (a mirror will do), or run this as root.",
    });
  const { debootstrap } = await ensureSystemPackages(["debootstrap"]);
  const sources = await debianSources();
  const bundle = await certificates();
  const proxy = await aptProxy();
  const month = new Date().toISOString().slice(0, 7);
  const key = createHash("sha256").update(JSON.stringify([sources, bundle, proxy, month, process.arch]));
  const tar = join(cacheFolder("base-images"), `${release}-${key.digest("hex").slice(0, 16)}.tar`);
  const onLine = (line: string) => void appendFile(log, `[debootstrap] ${line}\n`);
  await cached(tar, async (draft) => {
    const root = `${draft}.root`;
    try {
      const mirror = sources.find((source) => source.suite === release)?.site;
      const include = "--include=ca-certificates";
      await run(debootstrap, ["--variant=minbase", include, release, root, ...(mirror ? [mirror] : [])], {
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
        timeout: 300_000,
        onLine,
      });
      await settle(root, sources, bundle, proxy);
      await run("tar", ["-C", root, "--exclude=./dev/*", "--exclude=./proc/*", "--exclude=./sys/*", "-cf", draft, "."]);
    } finally {
      await unmountBelow([root]);
      await rm(root, { recursive: true, force: true });
    }
  });
  return { tar };
}

/** Gives the new system this machine's package sources and certificates, and takes out what an image has no use for. */
async function settle(
  root: string,
  sources: PackageSource[],
  bundle: string | undefined,
  proxy: string,
): Promise<void> {
  const lines = sources.map((source) => `deb ${source.site} ${source.suite} ${source.components.join(" ")}\n`);
  if (lines.length > 0) await writeFile(join(root, "etc/apt/sources.list"), lines.join(""));
  const slim = [
    'Apt::Install-Recommends "false";',
    // Neither downloaded packages nor the index cache of apt-get stays in a layer.
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin"; };',
    proxy,
  ];
  await writeFile(join(root, "etc/apt/apt.conf.d/90slipway"), `${slim.join("\n")}\n`);
  const excluded = ["doc", "man", "locale", "info"].map((folder) => `path-exclude /usr/share/${folder}/*\n`);
  await mkdir(join(root, "etc/dpkg/dpkg.cfg.d"), { recursive: true });
  await writeFile(join(root, "etc/dpkg/dpkg.cfg.d/90slipway"), excluded.join(""));
  if (bundle !== undefined) await writeFile(join(root, "etc/ssl/certs/ca-certificates.crt"), bundle);
  for (const folder of ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/lib/apt/lists"])
    await emptyFolder(join(root, folder));
  await emptyFolder(join(root, "var/cache/apt"));
  await emptyFolder(join(root, "var/log"));
}

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    await rm(join(folder, name), { recursive: true, force: true });
}

/** What apt-get is set to on this machine for this Debian release; empty where the machine is no such Debian. */
async function debianSources(): Promise<PackageSource[]> {
  const aptGet = await findProgram("apt-get");
  if (!aptGet) return [];
  const format = "$(SITE) $(RELEASE) $(COMPONENT) $(ORIGIN)";
  const { stdout } = await run(aptGet, ["indextargets", "--format", format, "Created-By: Packages"]);
  const sources = new Map<string, PackageSource>();
  for (const line of stdout.split("\n")) {
    const [site, suite, component, origin] = line.split(" ");
    if (!site || !suite || !component || origin !== "Debian" || !suite.startsWith(release)) continue;
    const source = sources.get(suite) ?? { site, suite, components: [] };
    if (!source.components.includes(component)) source.components.push(component);
    sources.set(suite, source);
  }
  return [...sources.values()];
}

/** The lines of this machine's apt configuration that name a proxy. */
async function aptProxy(): Promise<string> {
  const aptConfig = await findProgram("apt-config");
  if (!aptConfig) return "";
  const { stdout } = await run(aptConfig, ["dump"]);
  return stdout
    .split("\n")
    .filter((line) => /^Acquire::https?::Proxy\b/.test(line))
    .join("\n");
}

/**
 * The certificates that this machine trusts, as PEM text: builds inside a stand-in trust the same ones. Undefined
 * where no bundle is found.
 */
export async function certificates(): Promise<string | undefined> {
  const places = [
    process.env.SSL_CERT_FILE,
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
  ];
  for (const place of places) {
    const text = place ? await readFile(place, "utf8").catch(() => undefined) : undefined;
    if (text === undefined) continue;
    const extra = process.env.NODE_EXTRA_CA_CERTS;
    const more = extra && extra !== place ? await readFile(extra, "utf8").catch(() => "") : "";
    return text.includes(more) ? text : `${text}\n${more}`;
  }
  return undefined;
}
