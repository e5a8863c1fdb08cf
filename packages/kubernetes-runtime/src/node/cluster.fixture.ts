import { ok } from "@gatehouse/std";
import { onTestFinished } from "vitest";
import { openCluster, type Cluster } from "./cluster.ts";
import {
  scriptedApi,
  type ApiObject,
  type ScriptedApi,
  type ScriptedApiOptions,
} from "./testing/scripted-api.ts";
import type { PodPlan } from "../pod-manifest.ts";

/** A namespace of a scripted API server. */
export const scriptedCluster = async (
  options: ScriptedApiOptions = {},
): Promise<{ readonly api: ScriptedApi; readonly cluster: Cluster }> => {
  const api = await scriptedApi(options);
  const signIn = async () => ok({ token: "secret-of-the-operator" });
  const access = { server: new URL(api.url), isUnverified: false, signIn, namespace: null };
  const cluster = openCluster(access, "agents");
  onTestFinished(async () => {
    cluster.close();
    await api.close();
  });
  return { api, cluster };
};

export const planOf = (name: string): PodPlan => ({
  name,
  install: "ours",
  host: "one",
  sessionId: "se-1",
  groupId: "ag-1",
  groupFolder: "ana",
  incarnation: 1,
  token: 1,
  network: "gateway",
  image: "agents:1",
  cpus: 0.5,
  memoryMb: 256,
  graceSeconds: 7,
});

/** A Pod that another installation made. */
export const foreignPod = (name: string): ApiObject => ({
  metadata: { name, uid: name, labels: { "gatehouse.install": "theirs" } },
});
