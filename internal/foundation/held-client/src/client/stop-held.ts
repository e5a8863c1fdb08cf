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
const pollMs = 20;

/** A stopped agent: its exit code, or null if it is unknown. */
export type Stopped = { readonly exitCode: number | null };

/**
 * Ends an agent through its holder. If the holder has ended or does not reply, the recorded processes are
 * ended. An agent that had ended already is forgotten. On success no process of the agent runs. Errors:
 * `still-running`, or `cancelled` if the signal aborts while the holder was asked; the holder acts on the
 * request all the same.
 */
export const stopHeld = async (
  dataDir: string,
  agent: HeldAgent,
  signal?: AbortSignal,
): Promise<Result<Stopped, HeldFailure>> => {
  const places = heldPlaces(dataDir);
  // Read before the request: a holder removes its record a moment before it ends.
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

/** Ends the recorded processes of an agent. Returns null, or the reason why a process may still run. */
const endRecorded = async (
  dataDir: string,
  { id, state }: HeldAgent,
  holder: ProcessRecord | null,
): Promise<string | null> => {
  const { holders, groups } = heldPlaces(dataDir);
  const ifGone = (name: string): string => `If the agent is gone, remove ${join(holders, `${name}.json`)}.`;
  const isInOtherContainer = holder !== null && stateOf(holder) === "elsewhere" && state !== "ended";
  // A process of another container cannot be examined, but a holder that ends removes its record.
  if (isInOtherContainer && !(await isRemovedSoon(holders, id)))
    return `The agent runs in another container, and its holder does not end: stop it there. ${ifGone(id)}`;
  if (holder !== null && stateOf(holder) === "running" && !(await endsSoon(holder, askedMs / 5))) {
    if (!isCertain(holder)) return `${unknownProcess} ${ifGone(id)}`;
    signalProcess(holder.process.pid, "SIGKILL");
    await endsSoon(holder, endMs);
  }
  // Read only now: a holder that has ended by itself has removed the record.
  const group = await recordIn(groups, id);
  if (group !== null && runs(group)) {
    if (!isCertain(group)) return `${unknownProcess} ${ifGone(id)}`;
    await endRest(group, agentVariable);
  }
  const isSwept = await endMarked(agentVariable, id);
  const left = [holder, group].filter((record) => record !== null);
  return left.some(runs) || !isSwept
    ? "The agent could not be ended: one of its processes still runs."
    : null;
};

const isRemovedSoon = async (folder: string, id: string): Promise<boolean> => {
  for (let waited = 0; waited < askedMs / 5; waited += pollMs) {
    if ((await recordIn(folder, id)) === null) return true;
    await pause(pollMs);
  }
  return false;
};

/** False without a start time: another process may have the recorded number by now. */
const isCertain = ({ process }: ProcessRecord): boolean => process.start !== null;
const unknownProcess =
  "The agent's holder does not reply, and this system cannot tell its processes from later ones.";

const runs = (record: ProcessRecord): boolean => {
  const state = stateOf(record);
  return state === "running" || state === "left-behind";
};

const endsSoon = async (record: ProcessRecord, withinMs: number): Promise<boolean> => {
  for (let waited = 0; waited < withinMs; waited += pollMs) {
    if (!runs(record)) return true;
    await pause(pollMs);
  }
  return !runs(record);
};

const recordIn = async (folder: string, id: string): Promise<ProcessRecord | null> => {
  const found = await processRecords(folder).read(id);
  return found.ok ? found.value : null;
};
