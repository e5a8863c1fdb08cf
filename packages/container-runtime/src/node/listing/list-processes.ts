import { processRecords, stateOf, type ProcessRecord } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { RuntimeResult } from "../../runtime-result.ts";
import { recordedIn } from "../process/label-of.ts";
import type { ListedContainer } from "./listed-container.ts";

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
