import process from "node:process";
import { isOver, podName, podTrouble } from "@nc/kubernetes-runtime";
import { kubeAccess, openCluster } from "@nc/kubernetes-runtime/node";

const access = await kubeAccess(process.env);
if (!access.ok) throw new Error(access.error.message);
const cluster = openCluster(access.value, access.value.namespace ?? "default");
const name = podName("example", 1, Math.random().toString(36).slice(2, 8));

// The Pod's program finds the token in a file. It is in a Secret, and not in the Pod's specification.
const made = await cluster.make(
  {
    name,
    install: "example",
    host: "one",
    sessionId: "example",
    groupId: "notes",
    groupFolder: "notes",
    incarnation: 1,
    token: 1,
    network: "gateway",
    image: process.argv[2] ?? "agents:1",
    graceSeconds: 5,
    cpus: 0.5,
    memoryMb: 256,
  },
  { address: "tls://gatehouse:7443", token: "secret" },
);
if (!made.ok) throw new Error(made.error.message);

const unwatch = cluster.watch({
  install: "example",
  changed: (changedName, pod) => {
    if (changedName !== name || (pod !== null && !isOver(pod))) return;
    console.log(pod === null ? "deleted" : podTrouble(pod).message);
    unwatch();
    void cluster.remove(name, 0).then(cluster.close);
  },
  trouble: (problem) => console.log(problem?.message ?? "watching again"),
});
