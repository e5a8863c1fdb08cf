import { join } from "node:path";
import type { Recovered, StepFailure } from "../../plan/add-error.ts";
import type { Step } from "../../plan/plan-steps.ts";
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

/** A path that a step may have created, and a check that its content is the step's own. */
type Trace = {
  readonly path: string;
  readonly isOurs: (entry: DiskEntry, read: () => Promise<string | null>) => boolean | Promise<boolean>;
};

const isFile = ({ kind }: DiskEntry): boolean => kind === "file";

const tracesOf = (step: Step): readonly Trace[] => {
  switch (step.kind) {
    case "make-directory":
      return [{ path: step.path, isOurs: ({ kind }) => kind === "directory" }];
    case "seed-file":
      return [holding(step.path, (text) => step.text.startsWith(text))];
    case "give-directory":
    case "move-directory":
    case "end-sudo":
      return [];
    case "allow-sudo":
      return [{ path: step.temporary, isOurs: isFile }, holding(step.path, (text) => text === step.text)];
    case "try-out":
      return step.directories.map((directory) => ({ path: join(directory, step.sentinel), isOurs: isFile }));
    case "write-users-file":
      return [step.temporary, ...(step.backup === null ? [] : [step.backup.temporary])].map((path) => ({
        path,
        isOurs: isFile,
      }));
  }
};

/** A partly written file has the beginning of the text. */
const holding = (path: string, isOurText: (text: string) => boolean): Trace => ({
  path,
  isOurs: async (entry, read) => {
    const text = isFile(entry) ? await read() : null;
    return text !== null && isOurText(text);
  },
});

const isTraceOf = async ({ files }: Machine, { path, isOurs }: Trace, entry: DiskEntry): Promise<boolean> =>
  isOurs(entry, async () => {
    const text = await files.read(path);
    return text.ok ? text.value.text : null;
  });

/** Returns false if the path was not made by the step, or has other files in it; it then stays. */
const removeTrace = async (machine: Machine, trace: Trace): Promise<Result<boolean, FileError>> => {
  const { files } = machine;
  const { path } = trace;
  const looked = await files.look(path);
  if (!looked.ok) return looked;
  if (looked.value === null) return ok(true);
  if (!(await isTraceOf(machine, trace, looked.value))) return ok(false);
  const removed = await files.remove(path);
  if (removed.ok || removed.error.errno === "ENOENT") return ok(true);
  return removed.error.errno === "ENOTEMPTY" ? ok(false) : removed;
};
