import { randomBytes } from "node:crypto";
import { fail, ok, type Result } from "@gatehouse/std";
import type { ChosenPods } from "./chosen-runtime.ts";
import { sentence } from "./runtime-in-use.ts";

/**
 * Makes a Pod as an agent's is made, in which `gatehouse` says its version, and waits for its end. Returns what was seen. The
 * error is a sentence.
 */
export const tryPod = async ({ cluster, image, template }: ChosenPods): Promise<Result<string, string>> => {
  const missing = await cluster.missingRights();
  if (!missing.ok) return fail(sentence(missing.error));
  if (missing.value.length > 0)
    return fail(
      `The account of the kubeconfig may not ${missing.value.join(", ")} in ${cluster.namespace}. Fix: kubectl apply -f deploy/kubernetes/rbac.yaml -n ${cluster.namespace}.`,
    );
  const [{ podName }, { startWait }] = await Promise.all([
    import("@nc/kubernetes-runtime"),
    import("@nc/kubernetes-runtime/node"),
  ]);
  const random = randomBytes(4).toString("hex");
  const [install, name] = [`doctor-${random}`, podName("doctor", 1, random)];
  const wait = startWait();
  const unwatch = cluster.watch({
    install,
    changed: (changed, pod) => {
      if (changed !== name) return;
      if (pod?.status.phase === "Succeeded") wait.connected();
      else wait.seen(pod);
    },
    trouble: () => {},
  });
  try {
    const made = await cluster.make(
      {
        ...{ name, install, host: install, sessionId: "doctor", groupId: "doctor", groupFolder: "doctor" },
        ...{ network: "gateway", image, template, command: ["gatehouse", "--version"], graceSeconds: 1 },
        ...{ incarnation: 1, token: 1, cpus: null, memoryMb: null },
      },
      {},
    );
    if (!made.ok) return fail(sentence(made.error));
    const trouble = await wait.ended;
    return trouble === null ? ok("gatehouse of the image starts") : fail(sentence(trouble));
  } finally {
    wait.connected();
    unwatch();
    await cluster.remove(name, 0);
    cluster.close();
  }
};
