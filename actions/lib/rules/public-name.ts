import { behind, type Manifest } from "./manifest.ts";
import { objectRule, type Rule, when } from "./rule.ts";

/** The ports to which gitops/applicationsets leads what comes in, where the environment has a domain. */
const named = ["https", "redirect"];

const isPublic = ({ kind, spec }: Manifest): boolean => kind === "Service" && spec?.type === "LoadBalancer";

/** What an app owes so that an environment can give it a name, and TLS in front of it. */
export const publicName: Rule = objectRule(
  "public-name",
  "One Service of an app is public, on port 80 alone, and its pods have the ports `https` and `redirect`: an environment's domain uses them.",
  (manifest, { manifests }) => {
    if (!isPublic(manifest)) return [];
    const ports = manifest.spec?.ports ?? [];
    const first = manifests.find(isPublic);
    return [
      ...when(first !== manifest, `the app has one name, and Service/${first?.metadata.name} has it`),
      ...when(ports.length !== 1 || ports[0]?.port !== 80, "is public on another port than 80"),
      ...behind(manifest, manifests).flatMap(({ metadata, spec }) => {
        const own = spec.template.spec.containers.flatMap((container) => container.ports ?? []);
        return named
          .filter((name) => !own.some((port) => port.name === name))
          .map((name) => `no container of ${metadata.name} has a port called ${name}`);
      }),
    ];
  },
);
