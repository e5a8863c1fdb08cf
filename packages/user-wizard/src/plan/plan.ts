import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { accountProblem, type Account, type AccountProblem, type NotTheirs } from "../account/account.ts";
import { firstClosed, type OnTheWay } from "../account/access.ts";
import type { BadAnswer, MissingAnswers } from "../user/answers.ts";
import { shownValue } from "../users-file/entry-text.ts";
import type { FieldKey } from "../user/fields.ts";
import { describeStep, stagingPaths, sudoersStaging, type Step } from "./plan-steps.ts";
import type { DiskEntry, Owner } from "../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import { differingFields } from "../user/same-user.ts";
import { spliceUser, type LayoutRefused } from "../users-file/splice.ts";
import type { User, UserSet } from "../user/user.ts";
import { idText, isSamePerson } from "../user/user-ids.ts";
import { layoutOf, type Layout } from "./user-layout.ts";

/** All facts about the machine that a plan needs. Gathering them only reads. */
export type Facts = {
  readonly usersFile: {
    readonly path: string;
    /** Null if there is no file yet. */
    readonly text: string | null;
    readonly set: UserSet;
    readonly as: Owner & { readonly mode: number };
  };
  readonly dataDir: string;
  readonly account: Account | null;
  readonly service: Account;
  /** The accounts of the other entries. */
  readonly others: readonly Account[];
  /** The entry at a path of `layoutOf`; null if there is none. */
  readonly at: (path: string) => DiskEntry | null;
  /** The entries from `/` down to the folders that all users share. */
  readonly way: readonly OnTheWay[];
  /** The account's groups; its primary group comes first. */
  readonly groups: readonly number[];
  readonly memoryText: string;
  readonly sudoers: SudoersFacts | null;
  /** What sudo said when it let the service start nothing as the account, without a rule of this plan; null if it does. */
  readonly sudoRefused: string | null;
  /** An unpredictable name for the test file. */
  readonly sentinel: string;
};

/** The rule that lets the service start programs as the account. */
export type SudoersFacts = {
  readonly path: string;
  readonly text: string;
  /** The current text of the file. */
  readonly current: string | null;
};

export type PlanRefusal =
  | BadAnswer
  | MissingAnswers
  | AccountProblem
  | LayoutRefused
  /** `id` is the telegram_id of the entry that is there, null without one; `person` is its first id: `slack T1:U2`. */
  | {
      readonly code: "account-taken";
      readonly account: string;
      readonly id: number | null;
      readonly person: string;
    }
  | {
      readonly code: "conflict";
      readonly id: number | null;
      readonly person: string;
      readonly fields: readonly ConflictingField[];
    }
  | { readonly code: "symlink-refused" | "not-a-directory"; readonly path: string }
  | { readonly code: "in-the-way"; readonly path: string }
  | NotTheirs
  | { readonly code: "closed-directory"; readonly path: string; readonly account: string }
  | { readonly code: "sudoers-differs"; readonly path: string }
  | SudoRuleNeeded;

/** The last step, the try-out, would fail: `said` are the words of sudo. */
export type SudoRuleNeeded = {
  readonly code: "sudo-rule-needed";
  readonly account: string;
  readonly service: string;
  readonly said: string;
};

export type ConflictingField = { readonly field: FieldKey; readonly there: string; readonly asked: string };

export type Plan = {
  readonly user: User;
  /** The steps in order; empty if everything is already as it should be. users.yaml comes last. */
  readonly steps: readonly Step[];
  /** A unified diff of users.yaml, and a line for each other change. */
  readonly diff: string;
  /** The file's new text; null if it already has the entry. */
  readonly newText: string | null;
  /** The users of the new text. */
  readonly after: UserSet;
};

/**
 * Plans the steps after which this person can use the host. Reports all refusals at once. Idempotent: for the
 * same entry again, the plan has only the missing steps. Another entry for a known id is a conflict.
 */
export const planAddUser = (user: User, facts: Facts): Result<Plan, readonly PlanRefusal[]> => {
  const { text, set } = facts.usersFile;
  const layout = layoutOf(facts.dataDir, user);
  const isKnown = set.users.some((other) => isSamePerson(other, user));
  const refusals = [
    ...entryRefusals(user, set),
    ...accountRefusals(user, facts),
    ...directoryRefusals(layout, facts),
    ...(isKnown ? [] : stagingRefusals(facts)),
    ...sudoersRefusals(facts.sudoers),
  ];
  if (refusals.length > 0 || facts.account === null) return fail(refusals);
  const newText = isKnown ? ok(null) : spliceUser(text ?? "", set, user);
  if (!newText.ok) return fail([newText.error]);
  const steps = stepsFor(layout, facts, facts.account, newText.value);
  if (steps.length > 0 && facts.sudoRefused !== null) {
    const [account, service] = [facts.account.name, facts.service.name];
    return fail([{ code: "sudo-rule-needed", account, service, said: facts.sudoRefused }]);
  }
  const after = isKnown ? set : { ...set, users: [...set.users, user] };
  const diff = diffOf(steps, facts, newText.value);
  return ok({ user, steps, newText: newText.value, after, diff });
};

const entryRefusals = (user: User, { users }: UserSet): readonly PlanRefusal[] => {
  const { os_user: account } = user;
  const same = users.find((other) => isSamePerson(other, user));
  if (same === undefined) {
    const taken = users.find((other) => other.os_user === account);
    if (taken === undefined || account === null) return [];
    return [{ code: "account-taken", account, id: taken.telegram_id, person: idText(taken) }];
  }
  const fields = differingFields(same, user).map((field) => ({
    field,
    there: shownValue(field, same[field]),
    asked: shownValue(field, user[field]),
  }));
  return fields.length === 0
    ? []
    : [{ code: "conflict", id: same.telegram_id, person: idText(same), fields }];
};

const accountRefusals = (user: User, { account, service, others }: Facts): readonly PlanRefusal[] => {
  const problem = accountProblem(user.os_user ?? "", account, { service, others });
  return problem === null ? [] : [problem];
};

const directoryRefusals = (layout: Layout, facts: Facts): readonly PlanRefusal[] => {
  const { account, at, way, groups } = facts;
  const own = layout.own.flatMap((path) => ifPresent(path, at(path)));
  const refusals: PlanRefusal[] = [...way, ...own]
    .filter(({ entry }) => entry.kind !== "directory")
    .map(notADirectory);
  const memory = ifPresent(layout.memoryFile, at(layout.memoryFile));
  refusals.push(...memory.filter(({ entry }) => entry.kind !== "file").map(notAFile));
  if (account === null || refusals.length > 0) return refusals;
  const { name, uid } = account;
  for (const { path, entry } of [...own, ...memory])
    if (entry.uid !== uid) refusals.push(notTheirs(path, entry, name));
  const closed = firstClosed(way, { uid, groups });
  if (closed !== null) refusals.push({ code: "closed-directory", path: closed, account: name });
  return refusals;
};

export const ifPresent = (path: string, entry: DiskEntry | null): readonly OnTheWay[] =>
  entry === null ? [] : [{ path, entry }];

export const notADirectory = ({
  path,
  entry,
}: OnTheWay): { readonly code: "symlink-refused" | "not-a-directory"; readonly path: string } => ({
  code: entry.kind === "link" ? "symlink-refused" : "not-a-directory",
  path,
});

export const notTheirs = (path: string, { kind, uid }: DiskEntry, account: string): NotTheirs => ({
  code: "not-theirs",
  path,
  kind: kind === "directory" ? kind : "file",
  account,
  uid,
});

export const notAFile = ({
  path,
  entry,
}: OnTheWay): { readonly code: "symlink-refused" | "in-the-way"; readonly path: string } => ({
  code: entry.kind === "link" ? "symlink-refused" : "in-the-way",
  path,
});

/** Refuses an existing file at a staging path: the wizard did not write it, but an undo would remove it. */
export const stagingRefusals = ({
  usersFile: { path },
  at,
}: Pick<Facts, "usersFile" | "at">): readonly (PlanRefusal & { readonly code: "in-the-way" })[] =>
  stagingPaths(path).flatMap((there) => (at(there) === null ? [] : [{ code: "in-the-way", path: there }]));

export const sudoersRefusals = (
  sudoers: SudoersFacts | null,
): readonly (PlanRefusal & { readonly code: "sudoers-differs" })[] =>
  sudoers === null || sudoers.current === null || sudoers.current === sudoers.text
    ? []
    : [{ code: "sudoers-differs", path: sudoers.path }];

const stepsFor = (layout: Layout, facts: Facts, account: Account, text: string | null): readonly Step[] => {
  const { at, service, memoryText, sudoers, sentinel } = facts;
  const missing = (paths: readonly string[]) => paths.filter((path) => at(path) === null);
  const make = (mode: number) => (path: string) =>
    ({ kind: "make-directory", path, mode, maker: service }) as const;
  const own = missing(layout.own);
  const steps: Step[] = [...missing(layout.shared).map(make(0o711)), ...own.map(make(0o700))];
  if (at(layout.memoryFile) === null)
    steps.push({ kind: "seed-file", path: layout.memoryFile, text: memoryText, owner: account });
  for (const path of own) steps.push({ kind: "give-directory", path, from: service, to: account });
  if (sudoers !== null && sudoers.current === null)
    steps.push({
      kind: "allow-sudo",
      path: sudoers.path,
      temporary: sudoersStaging(sudoers.path),
      text: sudoers.text,
    });
  if (steps.length === 0 && text === null) return [];
  const tried: Step = { kind: "try-out", account, directories: layout.own, sentinel };
  return [...steps, tried, ...(text === null ? [] : [writeUsersFile(facts)])];
};

export const writeUsersFile = ({ usersFile: { path, text, as } }: Pick<Facts, "usersFile">): Step => {
  const [temporary, copy] = stagingPaths(path);
  const backup = text === null ? null : { path: `${path}.bak`, temporary: copy };
  const { uid, gid, mode } = as;
  return { kind: "write-users-file", path, temporary, backup, mode, uid, gid };
};

/** The difference of users.yaml, as `diff -u` writes it and `patch` reads it, and a line for each other change. */
export const diffOf = (
  steps: readonly Step[],
  { usersFile: { path, text: before } }: Pick<Facts, "usersFile">,
  after: string | null,
): string => {
  const headers = { context: 3, headerOptions: FILE_HEADERS_ONLY };
  const others = steps.filter(({ kind }) => kind !== "write-users-file");
  return [
    after === null ? "" : createTwoFilesPatch(path, path, before ?? "", after, undefined, undefined, headers),
    ...others.map((step) => `${describeStep(step).changes}\n`),
  ].join("");
};
