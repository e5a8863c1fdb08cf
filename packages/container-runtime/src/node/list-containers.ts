import { type ProcessRecord, processRecords, stateOf } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { ContainerLabel } from "../workload-spec.ts";
import type { RuntimeResult } from "../runtime-result.ts";
import { askEngine } from "./engine/engine-client.ts";
import { isStateRunning, isStateUnstarted } from "./engine/engine-calls.ts";
import { installLabel, recordIn } from "./engine/engine-labels.ts";
import { recordedIn } from "./process/process-container.ts";

/** A container as a reader sees it that starts, adopts and ends none. */
export type ListedContainer = {
  /** The engine's id; of a process, the id of its record. */
  readonly reference: string;
  /** Null if another version wrote its labels. */
  readonly label: ContainerLabel | null;
  /**
   * `made`: not started yet. `ended`: it only waits to be removed. `unknown`: a process that was started in another
   * namespace.
   */
  readonly state: "made" | "running" | "ended" | "unknown";
  /** The leader of a process group; null for a container of an engine. */
  readonly pid: number | null;
};

/** Which containers, and how long the engine may take, ms. */
export type ContainerQuery = { readonly install: string; readonly withinMs: number };

type Listed = {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>> | null;
};

/**
 * The containers of an installation that the engine at a socket has, also those that have ended. Changes nothing, and
 * adopts none.
 */
export const listContainers = (
  socketPath: string,
  { install, withinMs }: ContainerQuery,
): Promise<RuntimeResult<readonly ListedContainer[]>> =>
  askEngine(
    socketPath,
    async (one) => {
      const filters = encodeURIComponent(JSON.stringify({ label: [`${installLabel}=${install}`] }));
      const path = `/containers/json?all=true&filters=${filters}`;
      return listedIn((await one({ method: "GET", path })) as readonly Listed[]);
    },
    withinMs,
  );

const listedIn = (found: readonly Listed[]): readonly ListedContainer[] =>
  found
    // The engine is about to forget it.
    .filter(({ State }) => State !== "removing")
    .map(({ Id, State, Labels }) => ({
      reference: Id,
      label: recordIn(Labels ?? {})?.label ?? null,
      state: isStateRunning(State) ? "running" : isStateUnstarted(State) ? "made" : "ended",
      pid: null,
    }));

/**
 * The process groups of an installation that have a record in this folder, without those that have ended. Adopts none,
 * and removes no record of one.
 */
export const listProcesses = async (
  folder: string,
  install: string,
): Promise<RuntimeResult<readonly ListedContainer[]>> => {
  const listed = await processRecords(folder).list();
  if (!listed.ok) return fail({ code: "runtime-unavailable", message: listed.error.message });
  return ok(
    listed.value.records.flatMap((record) => {
      const label = recordedIn(record)?.label;
      const state = stateIn(record);
      if (label?.install !== install || state === "ended") return [];
      return [{ reference: record.id, label, state, pid: record.process.pid }];
    }),
  );
};

/** The rest of a group whose leader has ended still runs. */
const stateIn = (record: ProcessRecord): ListedContainer["state"] => {
  const state = stateOf(record);
  return state === "ended" ? "ended" : state === "elsewhere" ? "unknown" : "running";
};
