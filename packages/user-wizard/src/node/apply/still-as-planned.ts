import type { ChangedMeanwhile, StepFailure } from "../../plan/add-error.ts";
import type { Facts, Plan } from "../../plan/plan.ts";
import { pathsMade, type WriteUsersFile } from "../../plan/plan-steps.ts";
import type { FileError, Machine } from "../../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import { statAll } from "../host-facts.ts";

/**
 * Fails with `changed-meanwhile` if users.yaml or a path that the plan creates has changed since the plan was
 * made. Another run or a person may have changed it during the review.
 */
export const stillAsPlanned = async (
  machine: Machine,
  { steps }: Plan,
  { usersFile }: Pick<Facts, "usersFile">,
): Promise<Result<void, FileError | ChangedMeanwhile>> => {
  const changed = (path: string): Result<never, ChangedMeanwhile> =>
    fail({ code: "changed-meanwhile", path });
  const says = await isSameText(machine, usersFile);
  if (!says.ok) return says;
  if (!says.value) return changed(usersFile.path);
  const made = await statAll(machine, pathsMade(steps));
  if (!made.ok) return made;
  const [first] = made.value.keys();
  return first === undefined ? ok(undefined) : changed(first);
};

/** Fails if users.yaml has changed since the plan read it. Called just before it is replaced. */
export const isUnchanged = async (
  machine: Machine,
  { path }: WriteUsersFile,
  { usersFile }: Pick<Facts, "usersFile">,
): Promise<Result<void, StepFailure>> => {
  const says = await isSameText(machine, usersFile);
  if (!says.ok) return says;
  return says.value ? ok(undefined) : fail({ code: "users-file-changed", path });
};

/** True if users.yaml has not changed since it was read, or is still missing. */
const isSameText = async (
  { files }: Machine,
  { path, text }: Facts["usersFile"],
): Promise<Result<boolean, FileError>> => {
  const looked = await files.look(path);
  if (!looked.ok) return looked;
  if (looked.value === null || text === null) return ok(looked.value === null && text === null);
  const now = await files.read(path);
  return now.ok ? ok(now.value.text === text) : now;
};
