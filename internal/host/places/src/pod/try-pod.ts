import { randomBytes } from "node:crypto";
import { fail, ok, type Result } from "@gatehouse/std";
import { sentence } from "../runtime-in-use.ts";
import type { ChosenPods } from "./pods-options.ts";

/** The exit code of a program that reached the cluster's API. */
const reachedCode = 42;

/**
 * The program of the Pod. Some networks apply a policy to a Pod that runs already, so one connection proves nothing, and
 * the last try counts.
 */
const program = `
const { spawnSync } = require("node:child_process");
const { connect } = require("node:net");
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const { error, status } = spawnSync("gatehouse", ["--version"], { stdio: "inherit" });
if (error || status !== 0) {
  console.error(error ? "gatehouse is not on the image's PATH: " + error.message : "gatehouse --version failed");
  process.exit(1);
}
const reaches = () => new Promise((resolve) => {
  const socket = connect({ host, port: Number(port), timeout: 2000 });
  socket.on("connect", () => resolve(true)).on("error", () => resolve(false)).on("timeout", () => resolve(false));
  socket.on("connect", () => socket.destroy()).on("timeout", () => socket.destroy());
});
(async () => {
  let missed = 0;
  for (let tried = 0; tried < 4 && missed < 2; tried += 1) {
    if (tried > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
    missed = (await reaches()) ? 0 : missed + 1;
  }
  process.exit(missed === 0 ? ${reachedCode} : 0);
})();
`;

/**
 * Makes a Pod as an agent's is made, in which `gatehouse` says its version, and which tries to reach the cluster's API; waits
 * for its end. True if it reached that API, to which no agent's way leads: NetworkPolicies have no effect on it. The error is a
 * sentence.
 */
export const tryPod = async ({ cluster, image, template }: ChosenPods): Promise<Result<boolean, string>> => {
  const missing = await cluster.missingRights();
  if (!missing.ok) return fail(sentence(missing.error));
  if (missing.value.length > 0)
    return fail(
      `The account of the kubeconfig may not ${missing.value.join(", ")} in ${cluster.namespace}. Fix: give it the rights of deploy/kubernetes/one-host/rbac.yaml.`,
    );
  const [{ agentIn, podName }, { startWait }] = await Promise.all([
    import("@nc/kubernetes-runtime"),
    import("@nc/kubernetes-runtime/node"),
  ]);
  const random = randomBytes(4).toString("hex");
  const [install, name] = [`doctor-${random}`, podName("doctor", 1, random)];
  const { claim } = template;
  // The cluster judges the claim, and makes no volume.
  const claimed =
    claim === null ? null : await cluster.claim(claim, { groupId: "doctor", install }, { isTry: true });
  if (claimed?.ok === false) return fail(sentence(claimed.error));
  const wait = startWait();
  /** How the program has ended; null while it runs. Further containers of a template may run on. */
  const ended: { code: number | null } = { code: null };
  const unwatch = cluster.watch({
    install,
    changed: (changed, pod) => {
      if (changed !== name) return;
      ended.code = pod === null ? null : (agentIn(pod)?.state?.terminated?.exitCode ?? null);
      if (ended.code === 0 || ended.code === reachedCode) wait.connected();
      else wait.seen(pod);
    },
    trouble: () => {},
  });
  try {
    const made = await cluster.make(
      {
        name,
        install,
        host: install,
        sessionId: "doctor",
        groupId: "doctor",
        groupFolder: "doctor",
        network: "gateway",
        image,
        command: ["node", "-e", program],
        graceSeconds: 1,
        template: { ...template, claim: null },
        incarnation: 1,
        token: 1,
        cpus: null,
        memoryMb: null,
      },
      {},
    );
    if (!made.ok) return fail(sentence(made.error));
    const trouble = await wait.ended;
    return trouble === null ? ok(ended.code === reachedCode) : fail(sentence(trouble));
  } finally {
    wait.connected();
    unwatch();
    await cluster.remove(name, 0);
    cluster.close();
  }
};
