import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ACM } from "@aws-sdk/client-acm";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureSystemPackages } from "../tools/system.ts";

/** What a listener shows, and the key to it; both PEM. */
export interface KeyPair {
  key: string;
  cert: string;
}

/** The authority that stands for Amazon's in a rehearsal. Nobody outside of it trusts it. */
export interface Authority {
  /** Its own certificate, PEM: what a client in the rehearsal trusts. */
  readonly certificate: string;
  /** A certificate for these names, and its key. */
  issue(names: readonly string[]): Promise<KeyPair>;
}

const form = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];

/** Makes an authority whose key is in `folder`. @throws SlipwayError when openssl is missing */
export async function makeAuthority(folder: string): Promise<Authority> {
  const { openssl } = await ensureSystemPackages(["openssl"]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [key, cert] = [join(folder, "authority.key"), join(folder, "authority.crt")];
  const uses = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
  await run(openssl, ["req", "-x509", ...form, ...uses, "-subj", "/CN=Rehearsal", "-keyout", key, "-out", cert]);
  let issued = 0;
  return {
    certificate: await readFile(cert, "utf8"),
    async issue(names) {
      const file = join(folder, String((issued += 1)));
      const by = ["-CA", cert, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE"];
      const of = ["-subj", "/O=Rehearsal", "-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`];
      await run(openssl, ["req", "-x509", ...form, ...by, ...of, "-keyout", `${file}.key`, "-out", `${file}.crt`]);
      return { key: await readFile(`${file}.key`, "utf8"), cert: await readFile(`${file}.crt`, "utf8") };
    },
  };
}

/**
 * What listeners show for certificates of ACM: ACM gives their keys to AWS's own services alone, and the emulator has none.
 *
 * @throws SlipwayError for one that is not there or not issued, as a load balancer refuses it
 */
export function certificatesOf(acm: ACM, authority: Authority): (arn: string) => Promise<KeyPair> {
  const known = new Map<string, Promise<KeyPair>>();
  const make = async (arn: string) => {
    const { Certificate } = await acm.describeCertificate({ CertificateArn: arn });
    if (Certificate?.Status !== "ISSUED")
      throw new SlipwayError(`the certificate ${arn} is ${Certificate?.Status ?? "not there"}, not ISSUED`);
    return authority.issue(Certificate.SubjectAlternativeNames ?? [String(Certificate.DomainName)]);
  };
  return (arn) => {
    const pair = known.get(arn) ?? make(arn);
    known.set(arn, pair);
    pair.catch(() => known.delete(arn));
    return pair;
  };
}
