import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { readCentral } from "@gatehouse/central-database";
import { chooseDatabase } from "@gatehouse/data-folder/choose-database";
import { chooseForFolder } from "@gatehouse/engines";
import { dataFolder } from "@gatehouse/fs-kit";
import { installationNameIn } from "@gatehouse/session-rows";
import { ok, shellWord, visible } from "@gatehouse/std";
import { sessionLabel } from "@nc/kubernetes-runtime";
import type { RevokeFlags } from "./agents-command.ts";

/**
 * `gatehouse agents revoke POD --force-takeover`: lets the session of a Pod have its files again, on the operator's word that
 * the agent there runs no more. Asks the cluster and the database of this data folder's host, and no host. Returns the exit code.
 */
export const takeOverPod = async (
  pod: string,
  flags: RevokeFlags,
  version: string,
  io: Io,
): Promise<number> => {
  const failed = (failure: Failure): number => {
    printFailure(io, flags.json ?? false, failure);
    return 1;
  };
  const dataDir = dataFolder(io.env, flags.data);
  const database = chooseDatabase(flags, io);
  if (database === null) return 2;
  const chosen = await chooseForFolder({}, io.env, version, dataDir);
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
    const install = await readCentral({ dataDir, ...database }, installationNameIn);
    if (!install.ok) return failed(install.error);
    const listed = install.value === null ? ok([]) : await cluster.list({ install: install.value });
    if (!listed.ok) return failed(listed.error);
    const found = listed.value.find(({ metadata }) => metadata.name === pod);
    const session = found?.metadata.labels[sessionLabel];
    if (found === undefined || session === undefined)
      return failed({
        code: "not-found",
        message: `This host's agents have no Pod "${pod}" in the namespace ${cluster.namespace}.`,
        fix: `kubectl get pods -n ${cluster.namespace} -l ${sessionLabel}`,
      });
    // A Pod is deleted before a start waits for it: another one has an agent that works.
    if (found.metadata.deletionTimestamp === undefined)
      return failed({
        code: "still-running",
        message: `The Pod ${pod} is not being deleted, so its agent may be at work.`,
        fix: `kubectl delete pod ${shellWord(pod)} -n ${cluster.namespace} --wait=false; if it stays, the same command again`,
      });
    const released = await cluster.release(pod);
    if (!released.ok) return failed(released.error);
    const removed = await cluster.remove(pod, 0);
    if (!removed.ok) return failed(removed.error);
    if (flags.json) printJson(io, { ok: true, pod, session });
    else io.stdout.write(`let ${visible(pod)} go: the next start of ${visible(session)} has its files\n`);
    return 0;
  } finally {
    cluster.close();
  }
};
