import { setTimeout as pause } from "node:timers/promises";
import { endGroup } from "@gatehouse/processes";
import { processesWith, processRecords, stateOf, type ProcessRecord } from "@gatehouse/processes/records";
import type { Result } from "@gatehouse/std";
import { endProcess } from "../records/end-process.ts";
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
 * by their records. One that had ended is forgotten. By then nothing of it runs.
 */
export const stopHeld = async (dataDir: string, agent: HeldAgent): Promise<Result<Stopped, HeldFailure>> => {
  const places = heldPlaces(dataDir);
  if (agent.state !== "ended" && agent.state !== "lost") {
    await askHeld(places.socketOf(agent.id), { do: "stop" }, askedMs);
  }
  const ended = await endRecorded(dataDir, agent.id);
  if (!ended)
    return {
      ok: false,
      error: { code: "still-running", message: "It could not be ended: something of it runs on." },
    };
  const exitCode = await exitCodeOf(dataDir, agent);
  await forget(places, agent.id);
  return { ok: true, value: { exitCode } };
};

const exitCodeOf = async (dataDir: string, agent: HeldAgent): Promise<number | null> => {
  const listed = await listHeld(dataDir);
  const now = listed.ok ? listed.value.agents.find(({ id }) => id === agent.id) : undefined;
  return now?.exitCode ?? agent.exitCode ?? null;
};

/** Ends by its records what still runs of an agent. False if something does after that. */
const endRecorded = async (dataDir: string, id: string): Promise<boolean> => {
  const { holders, groups } = heldPlaces(dataDir);
  const [holder, group] = await Promise.all([recordIn(holders, id), recordIn(groups, id)]);
  if (holder !== null && stateOf(holder) === "running" && !(await endsSoon(holder, askedMs / 5))) {
    endProcess(holder.process.pid);
    await endsSoon(holder, endMs);
  }
  if (group !== null && runs(group)) {
    // Only the group of a record: a process with its number and another start is not it.
    endGroup(group.process.pid);
    await endsSoon(group, endMs);
  }
  for (const pid of processesWith(agentVariable, id)) endProcess(pid);
  return (holder === null || !runs(holder)) && (group === null || !runs(group));
};

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
  const listed = await processRecords(folder).list();
  return listed.ok ? (listed.value.records.find((record) => record.id === id) ?? null) : null;
};
