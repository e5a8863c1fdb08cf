import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { readCentral } from "@gatehouse/central-database";
import { chooseDatabase } from "@gatehouse/data-folder/choose-database";
import { openKeptCluster, readKeptRuntime } from "@gatehouse/places";
import { dataFolder } from "@gatehouse/fs-kit";
import { installationNameIn } from "@gatehouse/session-rows";
import { ok, shellWord, visible } from "@gatehouse/std";
import { sessionLabel } from "@nc/kubernetes-runtime";
import type { RevokeFlags } from "./machines-command.ts";

/**
 * `gatehouse machines revoke POD --force-takeover`: lets the session of a Pod have its files again, on the operator's word that
 * the agent there runs no more; with a node's name, the sessions of all Pods of the installation there. Asks the cluster and
 * the database of this data folder's host, and no host. Returns the exit code.
 */
export const takeOverPods = async (podOrNode: string, flags: RevokeFlags, io: Io): Promise<number> => {
  const failed = (failure: Failure): number => {
    printFailure(io, flags.json ?? false, failure);
    return failure.code === "usage" ? 2 : 1;
  };
  const dataDir = dataFolder(io.env, flags.data);
  const database = chooseDatabase(flags, io);
  if (database === null) return 2;
  const kept = await readKeptRuntime(dataDir);
  if (!kept.ok) return failed(kept.error);
  if (kept.value?.kubernetes === undefined)
    return failed({
      code: "usage",
      message: "--force-takeover is for a Pod, and agents of this host run in none.",
      fix: "gatehouse machines revoke MACHINE ends a machine",
    });
  const opened = await openKeptCluster(kept.value.kubernetes, io.env);
  if (!opened.ok) return failed(opened.error);
  const cluster = opened.value;
  try {
    const install = await readCentral({ dataDir, ...database }, installationNameIn);
    if (!install.ok) return failed(install.error);
    const listed = install.value === null ? ok([]) : await cluster.list({ install: install.value });
    if (!listed.ok) return failed(listed.error);
    const found = listed.value.flatMap(({ metadata: { name, labels, deletionTimestamp }, spec }) => {
      const session = labels[sessionLabel];
      const isMeant = name === podOrNode || spec.nodeName === podOrNode;
      return isMeant && session !== undefined ? [{ pod: name, session, deletionTimestamp }] : [];
    });
    if (found.length === 0)
      return failed({
        code: "not-found",
        message: `The hosts of this database have no Pod "${podOrNode}" in the namespace ${cluster.namespace}, and none on a node of that name.`,
        fix: `kubectl get pods -n ${cluster.namespace} -l ${sessionLabel} -o wide`,
      });
    // A Pod is deleted before a start waits for it: another one has an agent that works.
    const atWork = found.filter(({ deletionTimestamp }) => deletionTimestamp === undefined);
    if (atWork.length > 0) {
      const names = atWork.map(({ pod }) => pod);
      return failed({
        code: "still-running",
        message: `Not being deleted, so its agent may be at work: the Pod ${names.join(", ")}. Nothing was changed.`,
        fix: `kubectl delete pod ${names.map(shellWord).join(" ")} -n ${cluster.namespace} --wait=false; if it stays, the same command again`,
      });
    }
    for (const { pod, session } of found) {
      const released = await cluster.release(pod);
      if (!released.ok) return failed(released.error);
      const removed = await cluster.remove(pod, 0);
      if (!removed.ok) return failed(removed.error);
      if (!flags.json)
        io.stdout.write(`let ${visible(pod)} go: the next start of ${visible(session)} has its files\n`);
    }
    if (flags.json) printJson(io, { ok: true, pods: found.map(({ pod, session }) => ({ pod, session })) });
    return 0;
  } finally {
    cluster.close();
  }
};
