import { realpath, stat } from "node:fs/promises";
import { type LookReason, type Stop, watchEntry } from "@gatehouse/processes";
import { coalesced, systemCode } from "@gatehouse/std";
import type { TrustProbe } from "../trust-probe.ts";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { type ProbeContext, probeState } from "./probe-trust.ts";
import { type ProjectsRead, readProjects, stateFile } from "./state-file.ts";
import { isAccepted } from "../judge-trust.ts";

export type WatchQuestion = ProbeContext & { readonly paths: WorkspacePaths };

/**
 * Passes the answer for one folder to `onChange` now, and again each time it changes, within milliseconds of
 * Claude Code's write. Watches of one state file share one read of it. `onChange` is not called after the
 * `Stop`.
 */
export const watchTrust = (question: WatchQuestion, onChange: (probe: TrustProbe) => void): Stop => {
  const { paths, env, home } = question;
  let lastAnswer = "";
  let stopped = false;
  let order = Promise.resolve();
  const report = (probe: TrustProbe): void => {
    const answer = `${probe.state} ${probe.code} ${probe.key}`;
    if (stopped || answer === lastAnswer) return;
    lastAnswer = answer;
    onChange(probe);
  };
  const file = stateFile(env, home);
  const stopState = watchState(file, (state) => {
    order = order.then(async () => report(await probeState(state, file, paths, question)));
  });
  return () => {
    stopped = true;
    stopState();
  };
};

type Listener = (state: ProjectsRead) => void;
type StateWatch = { readonly listeners: Set<Listener>; latest: ProjectsRead | null; readonly stop: Stop };

/**
 * One watch per state file and process: a batch of folders reads a large file once per change, not once per
 * folder.
 */
const watches = new Map<string, StateWatch>();

/**
 * A text that changes whenever the file does: a rename changes the inode, a write in place the time or size.
 */
const fingerprint = async (file: string): Promise<string> => {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}-${size}-${mtimeNs}`;
  } catch (error) {
    return systemCode(error);
  }
};

const accepted = { hasTrustDialogAccepted: true };

/** Keeps only the accepted keys between two changes, and no other content of the file. */
const acceptedOnly = (state: ProjectsRead): ProjectsRead => {
  if (!state.ok) return state;
  const keys = Object.keys(state.value).filter((key) => isAccepted(state.value, key));
  return { ok: true, value: Object.fromEntries(keys.map((key) => [key, accepted])) };
};

/**
 * The target of a state file that is a link (dotfiles). Claude Code replaces the target and keeps the link
 * (2.1.328).
 */
const linkTarget = async (file: string): Promise<string | null> => {
  try {
    const target = await realpath(file);
    return target === file ? null : target;
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** An error is a bug, and nobody awaits the read. */
const rethrow = (error: unknown): void => void Promise.reject(error);

const startWatch = (file: string): StateWatch => {
  const stops: Stop[] = [];
  let stopped = false;
  let seen: string | null = null;
  const { run: read } = coalesced(async () => {
    const now = await fingerprint(file);
    if (stopped || now === seen) return;
    seen = now;
    const state = acceptedOnly(await readProjects(file));
    if (stopped) return;
    watched.latest = state;
    for (const listener of watched.listeners) listener(state);
  }, rethrow);
  const look = (reason: LookReason): void => {
    if (reason === "event") seen = null;
    void read();
  };
  const watched: StateWatch = {
    listeners: new Set(),
    latest: null,
    stop: () => {
      stopped = true;
      for (const stop of stops) stop();
    },
  };
  stops.push(watchEntry(file, look));
  // Read only after all watches have started, so that no change is missed in between.
  void linkTarget(file).then((target) => {
    if (stopped) return;
    if (target !== null) stops.push(watchEntry(target, look));
    void read();
  });
  return watched;
};

/** Passes the current state to the listener, and the new state after each change. */
const watchState = (file: string, listener: Listener): Stop => {
  const watched = watches.get(file) ?? startWatch(file);
  watches.set(file, watched);
  watched.listeners.add(listener);
  const { latest } = watched;
  if (latest !== null)
    queueMicrotask(() => {
      if (watched.listeners.has(listener)) listener(latest);
    });
  return () => {
    watched.listeners.delete(listener);
    if (watched.listeners.size > 0 || watches.get(file) !== watched) return;
    watches.delete(file);
    watched.stop();
  };
};
