import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderComposeFile } from "./compose-file.ts";
import { readManifests } from "./manifests.ts";
import { type ComposeInput, composeFile, leftOut } from "./model.ts";
import { publishedPorts } from "./ports.ts";

const pod = (image: string, more = "") => `
  template:
    metadata: { labels: { name: ${image} } }
    spec:
      securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 }
      containers:
        - name: main
          image: registry.example/slipway/${image}@sha256:00
          securityContext:
            { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
${more.replaceAll(/^/gm, "          ")}`;

const workload = (kind: string, name: string, wave: number, spec = "", more = "") =>
  `kind: ${kind}
metadata: { name: ${name}, namespace: demo, annotations: { argocd.argoproj.io/sync-wave: "${wave}" } }
spec:${spec}${pod(name, more)}
`;

const service = (name: string, spec: string) =>
  `kind: Service\nmetadata: { name: ${name}, namespace: demo }\nspec: { selector: { name: ${name} }, ${spec} }\n`;

const demo = [
  workload(
    "StatefulSet",
    "demo-database",
    -1,
    "\n  serviceName: demo-database\n  volumeClaimTemplates: [{ metadata: { name: data } }]",
    `
readinessProbe: { exec: { command: [pg_isready] }, periodSeconds: 5, timeoutSeconds: 2 }
startupProbe: { exec: { command: [pg_isready] }, periodSeconds: 2, failureThreshold: 60 }
ports: [{ name: postgres, containerPort: 5432 }]
volumeMounts: [{ name: data, mountPath: /data }]`,
  ),
  service("demo-database", "clusterIP: None, ports: [{ name: postgres, port: 5432, targetPort: postgres }]"),
  workload("Job", "demo-secret", -2, "", "command: [make]").replace(
    "spec:\n      security",
    "spec:\n      automountServiceAccountToken: true\n      security",
  ),
  workload("Job", "demo-migration", 0, "\n  backoffLimit: 3", "args: [dist/migrate.js]"),
  workload(
    "Deployment",
    "demo-api",
    1,
    "",
    `
ports: [{ name: http, containerPort: 8000 }]
readinessProbe: { httpGet: { path: /health/ready, port: http }, periodSeconds: 3 }
envFrom: [{ configMapRef: { name: settings } }]
env:
  - { name: VERSION, value: "registry.example/slipway/demo-api@sha256:00" }
  - { name: PASSWORD, valueFrom: { secretKeyRef: { name: demo, key: password } } }
  - { name: URL, value: "postgres://$(PASSWORD)@$(HOST)/$(NOBODY)$$(X)" }
resources: { requests: { memory: 96Mi }, limits: { memory: 256Mi, cpu: 500m } }`,
  ),
  service("demo-api", "ports: [{ name: http, port: 8000, targetPort: http }, { name: metrics, port: 9090 }]"),
  `kind: HorizontalPodAutoscaler\nmetadata: { name: demo-api }\nspec: { minReplicas: 3, scaleTargetRef: { name: demo-api } }\n`,
  `kind: ConfigMap\nmetadata: { name: settings }\ndata: { HOST: demo-database, COST: "5$" }\n`,
  workload(
    "Deployment",
    "demo-gateway",
    2,
    "\n  replicas: 2",
    `
ports: [{ name: http, containerPort: 8080 }]
readinessProbe: { tcpSocket: { port: http } }
volumeMounts: [{ name: tmp, mountPath: /tmp }, { name: users, mountPath: /users }]`,
  ).concat(`
      terminationGracePeriodSeconds: 45
      volumes:
        - { name: tmp, emptyDir: { sizeLimit: 64Mi } }
        - { name: users, secret: { secretName: demo, items: [{ key: password, path: deep/password }] } }
`),
  service("demo-gateway", "type: LoadBalancer, ports: [{ name: web, port: 80, targetPort: http }]"),
  `kind: NetworkPolicy\nmetadata: { name: deny-all }\n`,
].join("---\n");

function input(text = demo, bash = true): ComposeInput {
  const manifests = readManifests(text);
  const names = ["demo-database", "demo-migration", "demo-api", "demo-gateway"];
  return {
    app: "demo",
    manifests,
    ports: publishedPorts("demo", manifests, 0),
    images: new Map(names.map((name) => [name, { reference: `local/${name}`, bash }])),
    secret: { password: "p$w" },
    folder: "/private/demo",
    files: new Map(),
  };
}

describe("composeFile", () => {
  const given = input();
  const { name, services, volumes } = composeFile(given);

  it("makes a service of every workload but the one that needs the cluster", () => {
    expect(name).toBe("slipway-demo");
    expect(Object.keys(services)).toEqual([
      "demo-database",
      "demo-migration",
      "demo-api",
      "demo-api-replicas",
      "demo-gateway",
    ]);
    expect(volumes).toEqual({ "demo-database-data": { labels: { "slipway.app": "demo" } } });
  });

  it("starts them in the order of the sync waves", () => {
    const healthy = { condition: "service_healthy", restart: true };
    expect(services["demo-database"]?.depends_on).toEqual({});
    expect(services["demo-migration"]?.depends_on).toEqual({ "demo-database": healthy });
    expect(services["demo-api"]?.depends_on).toEqual({
      "demo-migration": { condition: "service_completed_successfully", restart: false },
    });
    expect(services["demo-gateway"]?.depends_on).toEqual({ "demo-api": healthy, "demo-api-replicas": healthy });
  });

  it("gives one replica the port, and what a load balancer stands before no other", () => {
    const ports = (port: number, target: number) => [{ target, published: String(port), host_ip: "127.0.0.1" }];
    expect(services["demo-api"]).toMatchObject({ ports: ports(8000, 8000), deploy: { replicas: 1 } });
    expect(services["demo-api-replicas"]).toMatchObject({ deploy: { replicas: 2 } });
    expect(services["demo-api-replicas"]).not.toHaveProperty("ports");
    expect(services["demo-gateway"]).toMatchObject({ ports: ports(80, 8080), deploy: { replicas: 1 } });
    expect(services["demo-database"]).toMatchObject({ ports: ports(5432, 5432) });
    for (const each of ["demo-api", "demo-api-replicas"])
      expect(services[each]?.networks.default.aliases).toContain("demo-api.demo.svc.cluster.local");
    expect(services["demo-database"]?.networks.default.aliases).toContain("demo-database-0.demo-database");
  });

  it("gives a container what its manifest gives it", () => {
    expect(services["demo-api"]).toMatchObject({
      image: "local/demo-api",
      user: "1000:1000",
      group_add: ["2000"],
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      restart: "unless-stopped",
      deploy: { resources: { limits: { memory: "268435456", cpus: "0.5" }, reservations: { memory: "100663296" } } },
      environment: {
        HOST: "demo-database",
        COST: "5$",
        VERSION: "local/demo-api",
        PASSWORD: "p$w",
        URL: "postgres://p$w@demo-database/$(NOBODY)$(X)",
      },
    });
    expect(services["demo-migration"]).toMatchObject({ command: ["dist/migrate.js"], restart: "on-failure:3" });
    expect(services["demo-gateway"]).toMatchObject({
      stop_grace_period: "45s",
      tmpfs: ["/tmp:exec,mode=1777,size=67108864,uid=1000,gid=1000"],
      volumes: [{ type: "bind", source: "/private/demo/demo-gateway-users", target: "/users", read_only: true }],
    });
    expect([...given.files]).toEqual([["/private/demo/demo-gateway-users/deep/password", "p$w"]]);
  });

  it("asks the probes with what the image holds", () => {
    expect(services["demo-database"]?.healthcheck).toEqual({
      test: ["CMD", "pg_isready"],
      interval: "5s",
      timeout: "10s",
      retries: 3,
      start_period: "120s",
    });
    expect(services["demo-api"]?.healthcheck?.test.slice(-2)).toEqual(["8000", "/health/ready"]);
    expect(services["demo-gateway"]?.healthcheck?.test.at(-1)).toBe("8080");
    const poor = composeFile(input(demo, false)).services;
    expect(poor["demo-api"]).not.toHaveProperty("healthcheck");
    expect(poor["demo-gateway"]?.depends_on["demo-api"]?.condition).toBe("service_started");
    expect(poor["demo-database"]?.healthcheck?.test).toEqual(["CMD", "pg_isready"]);
  });

  it("writes what Compose does not fill in, and says what it has nothing for", () => {
    const written = parse(renderComposeFile(composeFile(input())));
    expect(written.services["demo-api"].environment.PASSWORD).toBe("p$$w");
    expect(leftOut(given.manifests)).toEqual(["HorizontalPodAutoscaler", "NetworkPolicy"]);
  });

  it.each([
    [
      demo.replace("image: registry.example/slipway/demo-api", "image: docker.io/library/busybox"),
      /demo-api runs .*not an image/,
    ],
    [demo.replace("key: password }", "key: nothing }"), /demo-api has the variable PASSWORD/],
    [demo.replace("configMapRef: { name: settings }", "configMapRef: { name: other }"), /the ConfigMap other/],
    [demo.replace("emptyDir: { sizeLimit: 64Mi }", "hostPath: { path: / }"), /demo-gateway has the volume tmp/],
    [demo.replace("serviceName: demo-database", "replicas: 2"), /2 replicas with a volume each/],
  ])("refuses what it cannot do (%#)", (text, complaint) => {
    expect(text).not.toBe(demo);
    expect(() => composeFile(input(text))).toThrow(complaint);
  });
});
