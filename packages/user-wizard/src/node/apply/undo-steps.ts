import { join } from "node:path";
import type { Recovered, StepFailure } from "../../plan/add-error.ts";
import { pathsMade, type Step } from "../../plan/plan-steps.ts";
import type { DiskEntry, FileError, JournalFile, Machine } from "../../ports.ts";
import { recoveryOf, type JournalState } from "../../plan/journal.ts";
import { ok, type Result } from "@gatehouse/std";
import { type BeforeSudoEnds, commitUsersFile, digestOf, endSudo, moveDirectory } from "./apply-plan.ts";

export type Recovering = {
  readonly state: JournalState;
  readonly beforeSudoEnds: BeforeSudoEnds | undefined;
};

/**
 * Finishes or undoes the last run of a journal. If interrupted, it can be called again. If the run has ended, and only
 * its journal was left, it returns how.
 */
export const recover = async (
  machine: Machine,
  journal: JournalFile,
  { state, beforeSudoEnds }: Recovering,
): Promise<Result<Recovered, StepFailure>> => {
  const { removes } = state;
  if (state.isClosed)
    return ok({ outcome: state.phase === "undoing" ? "undone" : "finished", left: [], removes });
  const observed = await observe(machine, state);
  if (!observed.ok) return observed;
  const recovery = recoveryOf(state, observed.value);
  if (recovery.direction === "undo") return undoSteps(machine, journal, { steps: recovery.steps, removes });
  for (const step of state.steps) {
    const finished = await finishStep({ machine, beforeSudoEnds }, step);
    if (!finished.ok) return finished;
  }
  const closed = await journal.append({ record: "closed" });
  return closed.ok ? ok({ outcome: "finished", left: [], removes }) : closed;
};

/** Finishes a step from the write of users.yaml on. All other steps were done before it. */
const finishStep = async (
  finishing: Parameters<typeof endSudo>[0],
  step: Step,
): Promise<Result<void, StepFailure>> => {
  if (step.kind === "write-users-file") return commitUsersFile(finishing.machine, step);
  return step.kind === "end-sudo" ? endSudo(finishing, step) : ok(undefined);
};

const observe = async ({ files }: Machine, { steps, before }: JournalState) => {
  const write = steps.find((step) => step.kind === "write-users-file");
  if (write === undefined) return ok({ isStaged: false, isUnchanged: true });
  const [staged, there] = [await files.look(write.temporary), await files.look(write.path)];
  if (!staged.ok) return staged;
  if (!there.ok) return there;
  const text = there.value === null ? null : await files.read(write.path);
  if (text?.ok === false) return text;
  const now = text === null ? null : digestOf(text.value.text);
  return ok({ isStaged: staged.value !== null, isUnchanged: now === before });
};

/** Undoes the steps in this order. The journal records it first: from then on the run can only be undone. */
export const undoSteps = async (
  machine: Machine,
  journal: JournalFile,
  { steps, removes }: Pick<JournalState, "steps" | "removes">,
): Promise<Result<Recovered, StepFailure>> => {
  const left: string[] = [];
  const noted = await journal.append({ record: "undo" });
  if (!noted.ok) return noted;
  for (const step of steps) {
    const undone = await undoStep(machine, step);
    if (!undone.ok) return undone;
    left.push(...undone.value);
  }
  const closed = await journal.append({ record: "closed" });
  return closed.ok ? ok({ outcome: "undone", left, removes }) : closed;
};

/** Returns the paths that stay, because they hold files that the step did not write. */
const undoStep = async (machine: Machine, step: Step): Promise<Result<readonly string[], StepFailure>> => {
  if (step.kind === "move-directory") return moveBack(machine, step);
  const left: string[] = [];
  for (const trace of tracesOf(step)) {
    const removed = await removeTrace(machine, trace);
    if (!removed.ok) return removed;
    if (!removed.value) left.push(trace.path);
  }
  return ok(left);
};

const moveBack = async (
  machine: Machine,
  { from, to }: Step & { readonly kind: "move-directory" },
): Promise<Result<readonly string[], FileError>> => {
  const moved = await machine.files.look(to);
  if (!moved.ok) return moved;
  if (moved.value === null) return ok([]);
  const back = await moveDirectory(machine, { from: to, to: from });
  if (back.ok) return ok([]);
  return ["EEXIST", "ENOTDIR"].includes(back.error.errno) ? ok([to]) : back;
};

/** A path that a step may have created. An entry of another kind or with another text is not the step's. */
type Trace = {
  readonly path: string;
  readonly kind: DiskEntry["kind"];
  readonly isOurText?: (text: string) => boolean;
};

const fileAt = (path: string): Trace => ({ path, kind: "file" });

const tracesOf = (step: Step): readonly Trace[] => {
  switch (step.kind) {
    case "make-directory":
      return [{ path: step.path, kind: "directory" }];
    case "seed-file":
      // A partly written file has the beginning of the text.
      return [{ ...fileAt(step.path), isOurText: (text) => step.text.startsWith(text) }];
    case "allow-sudo":
      return [fileAt(step.temporary), { ...fileAt(step.path), isOurText: (text) => text === step.text }];
    case "try-out":
      return step.directories.map((directory) => fileAt(join(directory, step.sentinel)));
    case "write-users-file":
      return pathsMade([step]).map(fileAt);
    case "give-directory":
    case "move-directory":
    case "end-sudo":
      return [];
  }
};

/** Returns false if the path was not made by the step, or has other files in it; it then stays. */
const removeTrace = async (
  { files }: Machine,
  { path, kind, isOurText }: Trace,
): Promise<Result<boolean, FileError>> => {
  const looked = await files.look(path);
  if (!looked.ok) return looked;
  if (looked.value === null) return ok(true);
  if (looked.value.kind !== kind) return ok(false);
  if (isOurText !== undefined) {
    const read = await files.read(path);
    if (!read.ok || !isOurText(read.value.text)) return ok(false);
  }
  const removed = await files.remove(path);
  if (removed.ok || removed.error.errno === "ENOENT") return ok(true);
  return removed.error.errno === "ENOTEMPTY" ? ok(false) : removed;
};
