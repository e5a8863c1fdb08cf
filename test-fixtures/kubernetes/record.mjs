// node record.mjs FILE: makes Pods that go wrong on purpose, in the cluster of KUBECONFIG, and writes what the API shows of them.
// The cluster is the one of ../shared/kubernetes: it has the image, one node named node1, and no registry.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
const [, , file = "pods.json", ...only] = process.argv;
const kubectl = (input, ...args) => execFileSync("kubectl", args, { input, encoding: "utf8" });
const bb = "docker.io/local/busybox:1";
const pod = (name, container = {}, spec = {}) => ({
  apiVersion: "v1", kind: "Pod", metadata: { name: `rec-${name}` },
  spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [{ name: "agent", image: bb, imagePullPolicy: "IfNotPresent", command: ["sleep", "600"], terminationMessagePolicy: "FallbackToLogsOnError", ...container }], ...spec },
});
const limits = (l) => ({ resources: { limits: l } });
const cases = {
  running: pod("running"),
  "exit-3": pod("exit-3", { command: ["sh", "-c", "echo no host here >&2; exit 3"] }),
  completed: pod("completed", { command: ["true"] }),
  "oom-killed": pod("oom-killed", { command: ["sh", "-c", "x=a; while true; do x=$x$x; done"], ...limits({ memory: "16Mi" }) }),
  "deadline-exceeded": pod("deadline-exceeded", {}, { activeDeadlineSeconds: 3 }),
  evicted: pod("evicted", { command: ["sh", "-c", "dd if=/dev/zero of=/tmp/x bs=1M count=50; sleep 600"], ...limits({ "ephemeral-storage": "5Mi" }) }),
  "out-of-cpu": pod("out-of-cpu", limits({ cpu: "900" }), { nodeName: "node1" }),
  unschedulable: pod("unschedulable", limits({ cpu: "900" })),
  "start-error": pod("start-error", { command: ["gatehouse", "machine", "run"] }),
  "image-never-pull": pod("image-never-pull", { image: "docker.io/local/absent:1", imagePullPolicy: "Never" }),
  "image-pull": pod("image-pull", { image: "127.0.0.1:1/absent:1", imagePullPolicy: "Always" }),
  "image-name": pod("image-name", { image: "No Name" }),
  "container-config": pod("container-config", { env: [{ name: "X", valueFrom: { secretKeyRef: { name: "absent", key: "x" } } }] }),
  "root-image": pod("root-image", { securityContext: { runAsNonRoot: true } }),
  "secret-missing": pod("secret-missing", { volumeMounts: [{ name: "s", mountPath: "/s" }] }, { volumes: [{ name: "s", secret: { secretName: "absent" } }] }),
};
const names = Object.keys(cases).filter((n) => only.length === 0 || only.includes(n));
kubectl(JSON.stringify({ apiVersion: "v1", kind: "List", items: names.map((n) => cases[n]) }), "apply", "-f", "-");
spawnSync("sleep", ["45"]);
const strip = ({ metadata, spec, status }) => ({
  metadata: { name: metadata.name, uid: metadata.uid, resourceVersion: metadata.resourceVersion, labels: metadata.labels ?? {} },
  spec: spec.nodeName ? { nodeName: spec.nodeName } : {}, status,
});
const out = {};
for (const n of names) {
  const seen = JSON.parse(kubectl("", "get", "pod", `rec-${n}`, "-o", "json"));
  const events = JSON.parse(kubectl("", "get", "events", "--field-selector", `involvedObject.name=rec-${n}`, "-o", "json")).items.map(({ type, reason, message, count }) => ({ type, reason, message, count }));
  out[n] = { pod: strip(seen), events };
}
writeFileSync(file, `${JSON.stringify(out, null, 1)}\n`);
kubectl("", "delete", "pod", "--grace-period=0", "--force", ...names.map((n) => `rec-${n}`));
