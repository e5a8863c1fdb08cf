import { createHash } from "node:crypto";
import type { ApplyError, StepFailure } from "../../plan/add-error.ts";
import { sameSet } from "../../user/same-user.ts";
import type { JournalRecord, Removes } from "../../plan/journal.ts";
import type { Facts, Plan } from "../../plan/plan.ts";
import type { Step, WriteUsersFile } from "../../plan/plan-steps.ts";
import type { FileError, JournalFile, Machine, Ran } from "../../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import type { UserSet } from "../../user/user.ts";
import { outputOf } from "../machine/run-program.ts";
import { tryOut } from "../add-user/try-out.ts";
import { isUnchanged } from "./still-as-planned.ts";

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A plan, and the facts for which it was made. */
export type Change = {
  readonly plan: Plan;
  readonly facts: Pick<Facts, "usersFile" | "service" | "groups">;
  /** The user whom the plan removes; null if it adds one. */
  readonly removes: Removes | null;
  /** Called once users.yaml has been written, before the sudo rule of a removed person goes. */
  readonly beforeSudoEnds: BeforeSudoEnds | undefined;
};

/** Ends the agents of a removed person. The host can do so only while the sudo rule exists. */
export type BeforeSudoEnds = () => Promise<void>;

export type Applying = Change & { readonly machine: Machine; readonly journal: JournalFile };

const done = ok(undefined);

/**
 * `isCommitted`: users.yaml has its new text, so the run can only be finished. An undo would take away the
 * folders of a person who is in the file.
 */
export type Stopped = ApplyError & { readonly isCommitted: boolean };

/** Applies a plan, and records each step before it. It stops at the first failure. */
export const applyPlan = async (applying: Applying): Promise<Result<void, Stopped>> => {
  const { plan, facts, removes } = applying;
  const { text } = facts.usersFile;
  const planned = await note(applying, {
    record: "plan",
    steps: plan.steps,
    before: text === null ? null : digestOf(text),
    removes,
  });
  let isCommitted = false;
  const stopped = (step: Step, cause: StepFailure): Result<never, Stopped> =>
    fail({ step, cause, isCommitted });
  if (!planned.ok) return stopped(plan.steps[0]!, planned.error);
  for (const [index, step] of plan.steps.entries()) {
    const performed = await inOrder(
      () => note(applying, { record: "begin", step: index }),
      () => perform(applying, step),
    );
    if (!performed.ok) return stopped(step, performed.error);
    isCommitted ||= step.kind === "write-users-file";
  }
  const closed = await note(applying, { record: "closed" });
  return closed.ok ? done : stopped(plan.steps.at(-1)!, closed.error);
};

const note = ({ journal }: Applying, record: JournalRecord): Promise<Result<void, FileError>> =>
  journal.append(record);

type Work = () => Promise<Result<void, StepFailure>>;

/** Runs the works one after the other, up to the first that fails. */
const inOrder = async (...works: readonly Work[]): Promise<Result<void, StepFailure>> => {
  for (const work of works) {
    const worked = await work();
    if (!worked.ok) return worked;
  }
  return done;
};

const perform = (applying: Applying, step: Step): Promise<Result<void, StepFailure>> => {
  const { machine } = applying;
  switch (step.kind) {
    case "make-directory":
      return makeDirectory(machine, step);
    case "seed-file":
      return machine.files.create(step.path, step.text, { ...step.owner, mode: 0o600 });
    case "give-directory":
      return machine.files.give(step.path, step.from, step.to);
    case "allow-sudo":
      return allowSudo(machine, step);
    case "move-directory":
      return moveDirectory(machine, step);
    case "end-sudo":
      return endSudo(applying, step);
    case "try-out":
      return tryOutAll(applying, step);
    case "write-users-file":
      return writeUsersFile(applying, step);
  }
};

type StepOf<Kind> = Step & { readonly kind: Kind };

const tryOutAll = (
  { machine, facts }: Applying,
  { account, directories, sentinel }: StepOf<"try-out">,
): Promise<Result<void, StepFailure>> => {
  const person = { account, groups: facts.groups, service: facts.service };
  return inOrder(...directories.map((directory) => () => tryOut(machine, person, { directory, sentinel })));
};

const makeDirectory = async (
  { run }: Machine,
  { path, mode, maker }: StepOf<"make-directory">,
): Promise<Result<void, StepFailure>> => {
  const command = ["mkdir", "-m", mode.toString(8), "--", path];
  const ran = await run(command, { as: { uid: maker.uid, gid: maker.gid } });
  return ran.exitCode === 0 ? done : commandFailed(command, ran);
};

const commandFailed = (command: readonly string[], ran: Ran): Result<never, StepFailure> =>
  fail({ code: "command-failed", command: command.join(" "), said: outputOf(ran) });

/** Refuses an existing target: a rename would replace an empty directory. */
export const moveDirectory = async (
  { files }: Machine,
  { from, to }: Pick<StepOf<"move-directory">, "from" | "to">,
): Promise<Result<void, FileError>> => {
  const [there, taken] = [await files.look(from), await files.look(to)];
  if (!there.ok) return there;
  if (!taken.ok) return taken;
  const failed = (errno: string, path: string): Result<never, FileError> =>
    fail({ code: "file-error", errno, call: "rename", path });
  if (there.value?.kind !== "directory") return failed("ENOTDIR", from);
  return taken.value === null ? files.rename(from, to) : failed("EEXIST", to);
};

/**
 * Removes the sudo rule, unless its text has been changed. Can be called again after an
 * interruption.
 */
export const endSudo = async (
  { machine: { files }, beforeSudoEnds }: Pick<Applying, "machine" | "beforeSudoEnds">,
  { path, text }: StepOf<"end-sudo">,
): Promise<Result<void, StepFailure>> => {
  await beforeSudoEnds?.();
  const looked = await files.look(path);
  if (!looked.ok || looked.value === null) return looked.ok ? done : looked;
  const current = await files.read(path);
  if (!current.ok) return current;
  return current.value.text === text ? files.remove(path) : done;
};

export const allowSudo = (
  { files, run }: Machine,
  { path, temporary, text }: Pick<StepOf<"allow-sudo">, "path" | "temporary" | "text">,
): Promise<Result<void, StepFailure>> =>
  inOrder(
    () => files.create(temporary, text, { uid: 0, gid: 0, mode: 0o440 }),
    async () => {
      const ran = await run(["visudo", "-cf", temporary]);
      if (ran.exitCode === 0) return done;
      return fail({ code: "sudoers-invalid", path, said: outputOf(ran) });
    },
    () => files.rename(temporary, path),
  );

const writeUsersFile = (applying: Applying, step: WriteUsersFile): Promise<Result<void, StepFailure>> => {
  const { machine, plan, facts } = applying;
  const { files } = machine;
  const { backup, uid, gid, mode } = step;
  const { text } = facts.usersFile;
  return inOrder(
    () => files.create(step.temporary, plan.newText ?? "", { uid, gid, mode }),
    () => readsBack(applying, step, plan.after),
    async () =>
      backup === null ? done : files.create(backup.temporary, text ?? "", { uid, gid, mode: 0o600 }),
    () => isUnchanged(machine, step, facts),
    () => note(applying, { record: "commit" }),
    () => commitUsersFile(machine, step),
  );
};

/** Puts the checked files in place. Can be called again after an interruption: it continues. */
export const commitUsersFile = async (
  { files }: Machine,
  { path, temporary, backup }: WriteUsersFile,
): Promise<Result<void, FileError>> => {
  const moves = [
    ...(backup === null ? [] : [{ from: backup.temporary, to: backup.path }]),
    { from: temporary, to: path },
  ];
  for (const { from, to } of moves) {
    const looked = await files.look(from);
    if (!looked.ok) return looked;
    const moved = looked.value === null ? done : await files.rename(from, to);
    if (!moved.ok) return moved;
  }
  return done;
};

/** Checks the new file with the loader that the host uses, from the disk, before the file is put in place. */
const readsBack = async (
  { machine, facts }: Applying,
  { temporary }: WriteUsersFile,
  wanted: UserSet,
): Promise<Result<void, StepFailure>> => {
  const loaded = await machine.loadUsers(temporary, facts.service.uid);
  if (loaded.ok && sameSet(loaded.value, wanted)) return done;
  return fail({ code: "reads-back-differently", path: temporary });
};
