import { describe, expect, test } from "vitest";
import {
  claimManifest,
  labelIn,
  podManifest,
  podName,
  secretManifest,
  type NamedPlan,
} from "./pod-manifest.ts";

const plan: NamedPlan = {
  name: "gh-1",
  install: "ours",
  host: "one",
  sessionId: "se-1",
  groupId: "ag-1",
  groupFolder: "ana",
  volumeName: "gh-ag-1-5e06",
  incarnation: 2,
  token: 7,
  network: "gateway",
  image: "agents:1",
  cpus: 0.5,
  memoryMb: 256,
  graceSeconds: 7,
};

type Made = {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly securityContext: object;
    readonly containers: readonly { readonly resources: object; readonly securityContext: object }[];
    readonly initContainers: readonly { readonly securityContext: object }[];
  } & Readonly<Record<string, unknown>>;
};
const made = (given: Partial<NamedPlan> = {}): Made => podManifest({ ...plan, ...given }) as Made;

describe("podManifest", () => {
  test("keeps to the restricted standard, in each container", () => {
    const { spec } = made();
    expect(spec).toMatchObject({
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 7,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    });
    for (const { securityContext } of [...spec.initContainers, ...spec.containers])
      expect(securityContext).toEqual({
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        procMount: "Default",
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"], add: [] },
        seccompProfile: { type: "RuntimeDefault" },
      });
  });

  test.for<[Partial<NamedPlan>, object]>([
    [{}, { cpu: "500m", memory: "256Mi" }],
    [{ cpus: null, memoryMb: null }, {}],
    [{ cpus: 2, memoryMb: null }, { cpu: "2000m" }],
    [{ cpus: 0.0001, memoryMb: null }, { cpu: "1m" }],
  ])("limits %j to %j", ([given, limits]) =>
    expect(made(given).spec.containers[0]?.resources).toEqual({ limits }),
  );

  test("has labels that say whose it is", () =>
    expect(labelIn(made().metadata.labels)).toEqual({
      install: "ours",
      sessionId: "se-1",
      groupId: "ag-1",
      incarnation: 2,
      token: 7,
    }));
});

test.for([
  ["ag-1", "ag-1"],
  ["Ag_1.x", "Ag_1.x"],
  ["ag:1", "gh-ag-1-5e06"],
  ["ag-", "gh-ag-1-5e06"],
  ["a".repeat(63), "a".repeat(63)],
  ["a".repeat(64), "gh-ag-1-5e06"],
] as const)("a Pod of the group %s has the label %s", ([groupId, label]) =>
  expect(made({ groupId }).metadata.labels["gatehouse.group"]).toBe(label),
);

test("labels of another version belong to no agent", () =>
  expect(labelIn({ "gatehouse.install": "ours", "gatehouse.session": "se-1" })).toBe(null));

test("a Secret belongs to its Pod, and cannot be changed", () =>
  expect(secretManifest(plan, "uid-1", { token: "t" })).toMatchObject({
    metadata: { name: "gh-1", ownerReferences: [{ kind: "Pod", name: "gh-1", uid: "uid-1" }] },
    immutable: true,
    stringData: { "machine.json": '{"token":"t"}' },
  }));

test.for([
  ["se-5e06f4c2-8d92-4bb8-9425-27304346a243", "gh-se5e06f4c2-2-abc123"],
  ["SE_1", "gh-se1-2-abc123"],
  ["-", "gh--2-abc123"],
] as const)("the Pod of %s is named %s", ([session, name]) =>
  expect(podName(session, 2, "abc123")).toBe(name),
);

describe("a group's volume", () => {
  const withClaim = (...accessModes: readonly string[]): NamedPlan => ({
    ...plan,
    template: { pod: {}, claim: { metadata: { labels: { team: "a" } }, spec: { accessModes } } },
  });
  const shared = podManifest(withClaim("ReadWriteMany")) as Made;

  test("keeps the group's folder and the session's, and shows no other session's", () => {
    const [{ volumeMounts = [] } = {}] = shared.spec.containers as readonly { volumeMounts?: object[] }[];
    expect(volumeMounts.filter((mount) => (mount as { name: string }).name === "group")).toEqual([
      { name: "group", mountPath: "/gatehouse/groups/ana", subPath: "group" },
      { name: "group", mountPath: "/gatehouse/sessions/ag-1/se-1", subPath: "sessions/se-1" },
    ]);
    expect(shared.spec).toMatchObject({ securityContext: { fsGroup: 1000 } });
    expect(shared.spec["volumes"]).toContainEqual({
      name: "group",
      persistentVolumeClaim: { claimName: "gh-ag-1-5e06" },
    });
  });

  test("has a claim with a name of ours, and what the operator says", () =>
    expect(claimManifest(withClaim("ReadWriteMany").template?.claim ?? expect.fail(), plan)).toEqual({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      spec: { accessModes: ["ReadWriteMany"] },
      metadata: {
        name: "gh-ag-1-5e06",
        labels: { team: "a", "gatehouse.install": "ours", "gatehouse.group": "ag-1" },
      },
    }));

  test.for<[string, boolean]>([
    ["ReadWriteOnce", true],
    ["ReadWriteOncePod", true],
    ["ReadWriteMany", false],
  ])("with %s keeps the Pods of a group on one node: %j", ([mode, isTogether]) =>
    expect((podManifest(withClaim(mode)) as Made).spec["affinity"] !== undefined).toBe(isTogether),
  );

  test("is not there without a claim", () => {
    expect(JSON.stringify(made())).not.toMatch(/fsGroup|affinity|groups\/ana/);
  });
});
