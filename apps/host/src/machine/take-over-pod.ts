import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { chooseForFolder } from "@gatehouse/engines";
import { dataFolder } from "@gatehouse/fs-kit";
import { visible } from "@gatehouse/std";
import { sessionLabel } from "@nc/kubernetes-runtime";
import type { AgentsFlags } from "./agents-command.ts";

/**
 * `gatehouse agents revoke POD --force-takeover`: lets the session of a Pod have its files again, on the operator's word that
 * the agent there runs no more. Asks the cluster of this data folder's host, and no host. Returns the exit code.
 */
export const takeOverPod = async (
  pod: string,
  flags: AgentsFlags,
  version: string,
  io: Io,
): Promise<number> => {
  const failed = (failure: Failure): number => {
    printFailure(io, flags.json ?? false, failure);
    return 1;
  };
  const chosen = await chooseForFolder({}, io.env, version, dataFolder(io.env, flags.data));
  if (!chosen.ok) return failed(chosen.error);
  const { pods } = chosen.value;
  if (pods === undefined)
    return failed({
      code: "usage",
      message: "--force-takeover is for a Pod, and agents of this host run in none.",
      fix: "gatehouse agents revoke MACHINE ends a machine",
    });
  const { cluster } = pods;
  try {
    const released = await cluster.release(pod);
    if (!released.ok) return failed(released.error);
    const session = released.value?.metadata.labels[sessionLabel];
    if (session === undefined)
      return failed({
        code: "not-found",
        message: `There is no agent's Pod "${pod}" in the namespace ${cluster.namespace}.`,
        fix: `kubectl get pods -n ${cluster.namespace} -l ${sessionLabel}`,
      });
    const removed = await cluster.remove(pod, 0);
    if (!removed.ok) return failed(removed.error);
    if (flags.json) printJson(io, { ok: true, pod, session });
    else io.stdout.write(`let ${visible(pod)} go: the next start of ${visible(session)} has its files\n`);
    return 0;
  } finally {
    cluster.close();
  }
};
