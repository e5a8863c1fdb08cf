import { type ProcessRecord, processRecords, stateOf } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { ContainerLabel } from "../workload-spec.ts";
import type { RuntimeResult } from "../runtime-result.ts";
import { askEngine } from "./engine/engine-client.ts";
import { isStateRunning, isStateUnstarted } from "./engine/engine-calls.ts";
import { installLabel, recordIn } from "./engine/engine-labels.ts";
import { isScript } from "./engine/script-names.ts";
import { recordedIn } from "./process/process-container.ts";

/** A container in a list. The reader of the list starts, adopts and ends no container. */
export type ListedContainer = {
  /** The engine's id; of a process, the id of its record. */
  readonly reference: string;
  /** Null if another version wrote its labels. */
  readonly label: ContainerLabel | null;
  /** `made`: created, not started. `ended`: not removed yet. `unknown`: a process of another pid namespace. */
  readonly state: "made" | "running" | "ended" | "unknown";
  /** The leader of a process group; null for a container of an engine. */
  readonly pid: number | null;
};

/** The installation whose containers are listed, and the time limit of the engine's answer, ms. */
export type ContainerQuery = { readonly install: string; readonly withinMs: number };

type Listed = {
  readonly Id: string;
  /** Docker's begin with a slash. */
  readonly Names?: readonly string[];
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>> | null;
};

/** All containers of an installation in the engine at a socket, also ended ones. Changes and adopts none. */
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
    // The engine is removing the container, so it is no longer in use.
    .filter(({ State }) => State !== "removing")
    // It makes an image, and runs no agent.
    .filter(({ Names = [] }) => !Names.some((name) => isScript(name.replace(/^\//, ""))))
    .map(({ Id, State, Labels }) => ({
      reference: Id,
      label: recordIn(Labels ?? {})?.label ?? null,
      state: isStateRunning(State) ? "running" : isStateUnstarted(State) ? "made" : "ended",
      pid: null,
    }));

/**
 * The process groups of an installation with a record in this folder, without ended ones. Adopts none, and removes no
 * record.
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

/** The state of a recorded group. A group whose leader has ended counts as running while other processes of it run. */
const stateIn = (record: ProcessRecord): ListedContainer["state"] => {
  const state = stateOf(record);
  return state === "ended" ? "ended" : state === "elsewhere" ? "unknown" : "running";
};
