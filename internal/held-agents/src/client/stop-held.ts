import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  endMarked,
  endRest,
  processRecords,
  signalProcess,
  stateOf,
  type ProcessRecord,
} from "@gatehouse/processes/records";
import type { Result } from "@gatehouse/std";
import { agentVariable, heldPlaces } from "../records/held-places.ts";
import { listHeld, type HeldAgent } from "../records/list-held.ts";
import { askHeld } from "./ask-held.ts";
import { forget } from "../records/forget.ts";
import type { HeldFailure } from "./held-failure.ts";

/** Times in milliseconds. A holder waits 5 s for the CLI's lock, and 2 s for a clean end. */
const askedMs = 15_000;
const endMs = 10_000;
const lookMs = 20;

/** An agent that was stopped: its exit code, or null if nobody saw it. */
export type Stopped = { readonly exitCode: number | null };

/**
 * Ends an agent: its holder does it; where that is gone or does not reply, the recorded processes are ended
 * by their records. One that had ended is forgotten. By then nothing of it runs; else it fails: `still-running`,
 * or `cancelled` by an abort while the holder was asked, which the holder has heard all the same.
 */
export const stopHeld = async (
  dataDir: string,
  agent: HeldAgent,
  signal?: AbortSignal,
): Promise<Result<Stopped, HeldFailure>> => {
  const places = heldPlaces(dataDir);
  // Before it is asked: a holder removes its record, and has ended a moment later.
  const holder = await recordIn(places.holders, agent.id);
  if (agent.state !== "ended" && agent.state !== "lost") {
    const asked = await askHeld(places.socketOf(agent.id), { do: "stop" }, askedMs, signal);
    if (!asked.ok && asked.error.code === "cancelled") return asked;
  }
  const ended = await endRecorded(dataDir, agent, holder);
  if (ended !== null) return { ok: false, error: { code: "still-running", message: ended } };
  const exitCode = await exitCodeOf(dataDir, agent);
  await forget(places, agent.id);
  return { ok: true, value: { exitCode } };
};

const exitCodeOf = async (dataDir: string, agent: HeldAgent): Promise<number | null> => {
  const listed = await listHeld(dataDir);
  const now = listed.ok ? listed.value.agents.find(({ id }) => id === agent.id) : undefined;
  return now?.exitCode ?? agent.exitCode ?? null;
};

/** Ends by its records what still runs of an agent. Why something may run after that; null if nothing does. */
const endRecorded = async (
  dataDir: string,
  { id, state }: HeldAgent,
  holder: ProcessRecord | null,
): Promise<string | null> => {
  const { holders, groups } = heldPlaces(dataDir);
  const ifGone = (name: string): string => `If it is gone, remove ${join(holders, `${name}.json`)}.`;
  const isElsewhere = holder !== null && stateOf(holder) === "elsewhere" && state !== "ended";
  // Nothing is known of its process there; a holder that ends removes its record.
  if (isElsewhere && !(await isRemovedSoon(holders, id)))
    return `It runs in another container, and its holder there does not end: stop it there. ${ifGone(id)}`;
  if (holder !== null && stateOf(holder) === "running" && !(await endsSoon(holder, askedMs / 5))) {
    if (!isCertain(holder)) return `${unknownProcess} ${ifGone(id)}`;
    signalProcess(holder.process.pid, "SIGKILL");
    await endsSoon(holder, endMs);
  }
  // Read now: a holder that has ended by itself has removed it.
  const group = await recordIn(groups, id);
  if (group !== null && runs(group)) {
    if (!isCertain(group)) return `${unknownProcess} ${ifGone(id)}`;
    await endRest(group, agentVariable);
  }
  const isSwept = await endMarked(agentVariable, id);
  const left = [holder, group].filter((record) => record !== null);
  return left.some(runs) || !isSwept ? "It could not be ended: one of its processes still runs." : null;
};

const isRemovedSoon = async (folder: string, id: string): Promise<boolean> => {
  for (let waited = 0; waited < askedMs / 5; waited += lookMs) {
    if ((await recordIn(folder, id)) === null) return true;
    await pause(lookMs);
  }
  return false;
};

/** Without the time of its start a process may be another, with the number of the one that was recorded. */
const isCertain = ({ process }: ProcessRecord): boolean => process.start !== null;
const unknownProcess =
  "Its holder does not reply, and this system cannot tell its processes from later ones.";

const runs = (record: ProcessRecord): boolean => {
  const state = stateOf(record);
  return state === "running" || state === "left-behind";
};

const endsSoon = async (record: ProcessRecord, withinMs: number): Promise<boolean> => {
  for (let waited = 0; waited < withinMs; waited += lookMs) {
    if (!runs(record)) return true;
    await pause(lookMs);
  }
  return !runs(record);
};

const recordIn = async (folder: string, id: string): Promise<ProcessRecord | null> => {
  const found = await processRecords(folder).read(id);
  return found.ok ? found.value : null;
};
