import { describe, expect, test } from "vitest";
import { podManifest, type NamedPlan } from "./pod-manifest.ts";
import { onTemplate, podTemplateIn } from "./pod-template.ts";

describe("onTemplate", () => {
  test.for<[what: string, template: object, pod: object, expected: object]>([
    [
      "keeps what the Pod does not say",
      { spec: { nodeSelector: { gpu: "yes" } } },
      {},
      { spec: { nodeSelector: { gpu: "yes" } } },
    ],
    [
      "gives the Pod the last word",
      { spec: { restartPolicy: "Always" } },
      { spec: { restartPolicy: "Never" } },
      { spec: { restartPolicy: "Never" } },
    ],
    [
      "merges lists by name",
      { containers: [{ name: "log" }, { name: "agent", tty: true }] },
      { containers: [{ name: "agent", image: "a" }] },
      { containers: [{ name: "agent", tty: true, image: "a" }, { name: "log" }] },
    ],
    [
      "adds volumes, and replaces none of the Pod's",
      {
        volumes: [
          { name: "cache", hostPath: {} },
          { name: "work", hostPath: {} },
        ],
      },
      { volumes: [{ name: "work", emptyDir: {} }] },
      {
        volumes: [
          { name: "work", emptyDir: {} },
          { name: "cache", hostPath: {} },
        ],
      },
    ],
    [
      "adds mounts, and takes none of the Pod's away",
      {
        volumeMounts: [
          { name: "cache", mountPath: "/cache" },
          { name: "cache", mountPath: "/tmp" },
        ],
      },
      {
        volumeMounts: [
          { name: "work", mountPath: "/gatehouse" },
          { name: "work", mountPath: "/tmp" },
        ],
      },
      {
        volumeMounts: [
          { name: "work", mountPath: "/gatehouse" },
          { name: "work", mountPath: "/tmp" },
          { name: "cache", mountPath: "/cache" },
        ],
      },
    ],
    [
      "gives a variable one value",
      { env: [{ name: "HOME", valueFrom: {} }, { name: "TZ" }] },
      { env: [{ name: "HOME", value: "/" }] },
      { env: [{ name: "HOME", value: "/" }, { name: "TZ" }] },
    ],
    [
      "joins the rules that a node has to meet",
      { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }] } },
      { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "host" }] } },
      {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }, { topologyKey: "host" }],
        },
      },
    ],
    ["replaces lists without names", { drop: ["NONE"] }, { drop: ["ALL"] }, { drop: ["ALL"] }],
    ["replaces a value of another kind", { env: "x" }, { env: [{ name: "A" }] }, { env: [{ name: "A" }] }],
  ])("%s", ([, template, pod, expected]) =>
    expect(onTemplate(template as Record<string, unknown>, pod)).toEqual(expected),
  );
});

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
  memoryMb: null,
  graceSeconds: 7,
};

test("a template adds to a Pod, and takes none of its walls away", () => {
  const template = podTemplateIn([
    {
      metadata: { labels: { team: "a", "gatehouse.install": "theirs" } },
      spec: {
        runtimeClassName: "gvisor",
        hostNetwork: true,
        hostPID: true,
        automountServiceAccountToken: true,
        securityContext: { runAsNonRoot: false, fsGroup: 5 },
        containers: [
          {
            name: "agent",
            image: "evil",
            args: ["--runtime", "sandbox"],
            securityContext: {
              privileged: true,
              allowPrivilegeEscalation: true,
              procMount: "Unmasked",
              runAsNonRoot: false,
              runAsUser: 0,
              runAsGroup: 0,
              capabilities: { add: ["SYS_ADMIN"] },
              readOnlyRootFilesystem: false,
              seccompProfile: { type: "Localhost", localhostProfile: "all.json" },
            },
            resources: { requests: { cpu: "100m" }, limits: { cpu: "9" } },
          },
        ],
      },
    },
  ]);
  if (!template.ok) return expect.fail(template.error);
  const bare = podManifest(plan) as {
    readonly spec: {
      readonly volumes: readonly object[];
      readonly containers: readonly { readonly securityContext: object }[];
    };
  };
  const made = podManifest({ ...plan, template: template.value }) as typeof bare;
  expect(made.spec.volumes).toEqual(bare.spec.volumes);
  expect(made.spec.containers[0]?.securityContext).toEqual(bare.spec.containers[0]?.securityContext);
  expect(made).toMatchObject({
    metadata: { labels: { team: "a", "gatehouse.install": "ours" } },
    spec: {
      runtimeClassName: "gvisor",
      hostNetwork: false,
      hostPID: false,
      hostIPC: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, fsGroup: 5 },
      containers: [
        {
          image: "agents:1",
          args: [],
          resources: { requests: { cpu: "100m" }, limits: { cpu: "500m" } },
        },
      ],
    },
  });
});

const claim = { kind: "PersistentVolumeClaim", spec: { accessModes: ["ReadWriteOnce"] } };

test("a template has a Pod, a claim, or one of each", () => {
  const pod = { kind: "Pod", spec: { runtimeClassName: "gvisor" } };
  const read = { metadata: {}, spec: claim.spec };
  expect(podTemplateIn([claim])).toEqual({ ok: true, value: { pod: {}, claim: read } });
  expect(podTemplateIn([claim, pod])).toMatchObject({
    ok: true,
    value: { pod: { spec: pod.spec }, claim: read },
  });
  expect(podTemplateIn([claim, null])).toEqual(podTemplateIn([claim]));
  expect(podTemplateIn([])).toMatchObject({ ok: false });
  expect(podTemplateIn([pod, claim, pod])).toMatchObject({
    ok: false,
    error: expect.stringMatching(/two documents of the kind Pod/) as unknown,
  });
});

test.for<[unknown, RegExp]>([
  [null, /no object/],
  [[], /no object/],
  [{ kind: "Deployment", spec: {} }, /no Pod and no PersistentVolumeClaim of v1: kind "Deployment"/],
  [{ metadata: { name: "x" } }, /may not say metadata\.name/],
  [{ status: {} }, /may not say status/],
  [{ spec: [] }, /have to be objects/],
  [{ spec: { containers: [{ image: "x" }] } }, /spec\.containers has to be a list of objects with names/],
  [{ spec: { volumes: {} } }, /spec\.volumes/],
  [{ spec: { volumes: [{ name: "group", emptyDir: {} }] } }, /volume "group" is gatehouse's own/],
  [{ spec: { containers: [{ name: "agent", volumeMounts: [{ name: "x" }] }] } }, /"agent".* mountPath/],
  [{ ...claim, metadata: { name: "x" } }, /may not say metadata\.name/],
  [{ ...claim, spec: {} }, /has to say accessModes/],
  [{ ...claim, spec: { ...claim.spec, volumeMode: "Block" } }, /no files/],
  [{ ...claim, spec: { ...claim.spec, volumeName: "pv-1" } }, /volumeName.*one group/],
  [{ ...claim, spec: { accessModes: ["ReadOnlyMany"] } }, /has to say accessModes/],
  [{ ...claim, spec: { accessModes: "ReadWriteMany" } }, /has to say accessModes/],
])("the template %j is refused", ([data, why]) =>
  expect(podTemplateIn([data])).toEqual({ ok: false, error: expect.stringMatching(why) as unknown }),
);
