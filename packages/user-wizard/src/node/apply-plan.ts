import { createHash } from "node:crypto";
import { firstClosed, directoriesTo } from "../access.ts";
import { sameSet } from "../same-user.ts";
import type { JournalRecord } from "../journal.ts";
import type { Facts, Plan } from "../plan.ts";
import { sentinelIn, type Step, type WriteUsersFile } from "../plan-steps.ts";
import type { FileError, JournalFile, Machine, Ran } from "../ports.ts";
import type { Result } from "../result.ts";
import type { UserSet } from "../user.ts";
import { lookAt, wayIn } from "./gather-facts.ts";

/** Why a step did not come about. */
export type StepFailure =
  | FileError
  | { readonly code: "command-failed"; readonly command: string; readonly said: string }
  | { readonly code: "sudoers-invalid"; readonly path: string; readonly said: string }
  /** `closed`: the first directory on the way that the account may not pass, where permission bits say so. */
  | {
      readonly code: "not-usable";
      readonly account: string;
      readonly directory: string;
      readonly action: "write" | "read" | "remove";
      readonly closed: string | null;
      readonly said: string;
    }
  | { readonly code: "reads-back-differently"; readonly path: string }
  | { readonly code: "users-file-changed"; readonly path: string };

export type ApplyError = { readonly step: Step; readonly cause: StepFailure };

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

type Applying = {
  readonly machine: Machine;
  readonly journal: JournalFile;
  readonly plan: Plan;
  readonly facts: Facts;
};

const done = { ok: true, value: undefined } as const;

/** Does what was planned, each step written down before and after. At the first failure it stops where it is. */
export const applyPlan = async (applying: Applying): Promise<Result<void, ApplyError>> => {
  const { plan, facts } = applying;
  const { text } = facts.usersFile;
  const planned = await note(applying, {
    record: "plan",
    version: 1,
    steps: plan.steps,
    before: text === null ? null : digestOf(text),
  });
  if (!planned.ok) return { ok: false, error: { step: plan.steps[0]!, cause: planned.error } };
  for (const [index, step] of plan.steps.entries()) {
    const performed = await inOrder(
      () => note(applying, { record: "begin", step: index }),
      () => perform(applying, step),
      () => note(applying, { record: "done", step: index }),
    );
    if (!performed.ok) return { ok: false, error: { step, cause: performed.error } };
  }
  return done;
};

const note = ({ journal }: Applying, record: JournalRecord): Promise<Result<void, FileError>> =>
  journal.append(record);

type Work = () => Promise<Result<void, StepFailure>>;

/** One after the other, up to the first that fails. */
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
    case "try-out":
      return inOrder(...step.directories.map((directory) => () => tryOut(applying, step, directory)));
    case "write-users-file":
      return writeUsersFile(applying, step);
  }
};

type StepOf<Kind> = Step & { readonly kind: Kind };

const makeDirectory = async (
  { run }: Machine,
  { path, mode, maker }: StepOf<"make-directory">,
): Promise<Result<void, StepFailure>> => {
  const command = ["mkdir", "-m", mode.toString(8), "--", path];
  const ran = await run(command, { as: { uid: maker.uid, gid: maker.gid } });
  return ran.exitCode === 0 ? done : commandFailed(command, ran);
};

const commandFailed = (command: readonly string[], ran: Ran): Result<never, StepFailure> => ({
  ok: false,
  error: { code: "command-failed", command: command.join(" "), said: saidBy(ran) },
});

const saidBy = ({ stdout, stderr, exitCode }: Ran): string =>
  (stderr.trim() || stdout.trim() || `exit code ${exitCode}`).slice(0, 500);

const allowSudo = (
  { files, run }: Machine,
  { path, temporary, text }: StepOf<"allow-sudo">,
): Promise<Result<void, StepFailure>> =>
  inOrder(
    () => files.create(temporary, text, { uid: 0, gid: 0, mode: 0o440 }),
    async () => {
      const ran = await run(["visudo", "-cf", temporary]);
      if (ran.exitCode === 0) return done;
      return { ok: false, error: { code: "sudoers-invalid", path, said: saidBy(ran) } };
    },
    () => files.rename(temporary, path),
  );

/** As the host will: through sudo, without a password, with the account's own home. */
const tryOut = async (
  applying: Applying,
  { account }: StepOf<"try-out">,
  directory: string,
): Promise<Result<void, StepFailure>> => {
  const { machine } = applying;
  const sentinel = sentinelIn(directory);
  const text = `${account.name}\n`;
  const actions = [
    { action: "write", command: ["tee", sentinel], input: text },
    { action: "read", command: ["cat", sentinel] },
    { action: "remove", command: ["rm", sentinel] },
  ] as const;
  for (const { action, command, ...options } of actions) {
    const ran = await machine.run(["sudo", "-n", "-H", "-u", account.name, "--", ...command], options);
    if (ran.exitCode === 0 && (action !== "read" || ran.stdout === text)) continue;
    const closed = await closedOnTheWay(applying, directory);
    const said = saidBy(ran);
    return {
      ok: false,
      error: { code: "not-usable", account: account.name, directory, action, closed, said },
    };
  }
  return done;
};

const closedOnTheWay = async ({ machine, facts }: Applying, directory: string): Promise<string | null> => {
  const paths = directoriesTo(directory);
  const entries = await lookAt(machine, paths);
  if (!entries.ok || facts.account === null) return null;
  return firstClosed(wayIn(entries.value, paths), { uid: facts.account.uid, groups: facts.groups });
};

const writeUsersFile = (applying: Applying, step: WriteUsersFile): Promise<Result<void, StepFailure>> => {
  const { machine, plan, facts } = applying;
  const { files } = machine;
  const { backup, uid, gid, mode } = step;
  const { text, set } = facts.usersFile;
  const wanted: UserSet = { users: [...set.users, plan.user], defaults: set.defaults };
  return inOrder(
    () => files.create(step.temporary, plan.newText ?? "", { uid, gid, mode }),
    () => readsBack(machine, step, wanted),
    async () =>
      backup === null ? done : files.create(backup.temporary, text ?? "", { uid, gid, mode: 0o600 }),
    () => isUnchanged(machine, step, facts),
    () => note(applying, { record: "commit" }),
    () => commitUsersFile(machine, step),
  );
};

/** What is left once everything is proven. Done again after an interruption, it goes on where it was. */
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

/** By the loader that the host uses, from the disk, before the file is put in place. */
const readsBack = async (
  { loadUsers }: Machine,
  { temporary }: WriteUsersFile,
  wanted: UserSet,
): Promise<Result<void, StepFailure>> => {
  const loaded = await loadUsers(temporary);
  if (loaded.ok && sameSet(loaded.value, wanted)) return done;
  return { ok: false, error: { code: "reads-back-differently", path: temporary } };
};

const isUnchanged = async (
  { files }: Machine,
  { path }: WriteUsersFile,
  { usersFile }: Facts,
): Promise<Result<void, StepFailure>> => {
  const changed = { ok: false, error: { code: "users-file-changed", path } } as const;
  const looked = await files.look(path);
  if (!looked.ok) return looked;
  if (looked.value === null || usersFile.text === null)
    return looked.value === null && usersFile.text === null ? done : changed;
  const now = await files.read(path);
  if (!now.ok) return now;
  return now.value === usersFile.text ? done : changed;
};
