import { edits, fail, nearest, ok, type Result } from "@gatehouse/std";
import type { Account } from "../account/account.ts";
import type { User, UserSet } from "../user/user.ts";
import { userIdsOf } from "../user/user-ids.ts";
import { cutUser, withoutUser } from "../users-file/splice-out.ts";
import type { LayoutRefused } from "../users-file/splice.ts";
import {
  diffOf,
  notADirectory,
  ifPresent,
  stagingRefusals,
  sudoersRefusals,
  writeUsersFile,
  type Facts,
  type Plan,
  type PlanRefusal,
} from "./plan.ts";
import type { Step } from "./plan-steps.ts";
import { archiveOf, layoutOf } from "./user-layout.ts";

/** The person to remove: by telegram_id, by any id (`slack:T1:U2`), or by the exact name of the entry. */
export type Who = { readonly telegramId: number } | { readonly userId: string } | { readonly name: string };

/** Keep the person's memory and history where they are, or move them into the archive. */
export type FoldersFate = "keep" | "archive";

export type RemovalRefusal =
  | LayoutRefused
  | Extract<
      PlanRefusal,
      { readonly code: "in-the-way" | "symlink-refused" | "not-a-directory" | "sudoers-differs" }
    >
  /** `meant` is the nearest name. */
  | { readonly code: "unknown-user"; readonly asked: string; readonly meant: string | null }
  /** `ids` are the telegram_ids; `userIds` has the first id of each person, as `slack:T1:U2`. */
  | {
      readonly code: "ambiguous-user";
      readonly name: string;
      readonly ids: readonly number[];
      readonly userIds: readonly string[];
    };

/** The facts about the machine that a removal needs. */
export type RemovalFacts = Pick<Facts, "usersFile" | "dataDir" | "at" | "way"> & {
  readonly service: Account;
  /** The sudoers rule that adding the person wrote, if the host has such rules. */
  readonly sudoers: Facts["sudoers"];
};

/** The requested person as text: `telegram:7`, or a name in quotes. */
export const askedFor = (who: Who): string => ("name" in who ? JSON.stringify(who.name) : askedId(who));

const askedId = (who: Exclude<Who, { readonly name: string }>): string =>
  "userId" in who ? who.userId : userIdsOf({ telegram_id: who.telegramId }).join("");

/** True if a person with these ids and this name was asked for. */
export const isAskedFor = (
  who: Who,
  { name, userIds }: { readonly name: string; readonly userIds: readonly string[] },
): boolean => ("name" in who ? who.name === name : userIds.includes(askedId(who)));

/** Finds the entry of this person. Refuses a name of several entries, to not remove the wrong one. */
export const findUser = ({ users }: UserSet, who: Who): Result<User, RemovalRefusal> => {
  const found = users.filter((user) => isAskedFor(who, { name: user.name, userIds: userIdsOf(user) }));
  const [user, ...others] = found;
  if (user === undefined)
    return fail({ code: "unknown-user", asked: askedFor(who), meant: meantBy(who, users) });
  if (others.length === 0) return ok(user);
  const ids = found.flatMap(({ telegram_id: id }) => (id === null ? [] : [id]));
  const userIds = found.flatMap((one) => userIdsOf(one).slice(0, 1));
  return fail({ code: "ambiguous-user", name: user.name, ids, userIds });
};

const meantBy = (who: Who, users: readonly User[]): string | null => {
  if (!("name" in who)) return null;
  const name = who.name.toLowerCase();
  return nearest(users, (user) => edits(name, user.name.toLowerCase()))?.name ?? null;
};

/**
 * Plans the steps after which this person can no longer use the host. The plan removes neither the person's
 * files nor their account.
 */
export const planRemoval = (
  user: User,
  { folders, stamp }: { readonly folders: FoldersFate; readonly stamp: string },
  facts: RemovalFacts,
): Result<Plan, readonly RemovalRefusal[]> => {
  const { sudoers, usersFile } = facts;
  const newText = cutUser(usersFile.text ?? "", usersFile.set, user);
  const moved = folders === "archive" ? movesFor(user, stamp, facts) : { steps: [], refusals: [] };
  const refusals = [
    ...moved.refusals,
    ...stagingRefusals(facts),
    ...sudoersRefusals(sudoers),
    ...(newText.ok ? [] : [newText.error]),
  ];
  if (refusals.length > 0 || !newText.ok) return fail(refusals);
  // The sudo rule is removed last: the host needs it to end their agents, by signals sent as the person's
  // account.
  const steps = [...moved.steps, writeUsersFile(facts), ...endSudo(sudoers)];
  const diff = diffOf(steps, facts, newText.value);
  return ok({ user, steps, newText: newText.value, after: withoutUser(usersFile.set, user), diff });
};

type Moves = { readonly steps: readonly Step[]; readonly refusals: readonly RemovalRefusal[] };

/** Moves the folders that exist. */
const movesFor = (user: User, stamp: string, { dataDir, at, way, service }: RemovalFacts): Moves => {
  const layout = layoutOf(dataDir, user);
  const archive = archiveOf(dataDir, user, stamp);
  const own = layout.own.flatMap((path) => ifPresent(path, at(path)));
  const shared = own.length === 0 ? [] : ifPresent(archive.shared, at(archive.shared));
  const refusals: RemovalRefusal[] = [...way, ...shared, ...own]
    .filter(({ entry }) => entry.kind !== "directory")
    .map(notADirectory);
  if (refusals.length > 0 || own.length === 0) return { steps: [], refusals };
  if (at(archive.folder) !== null) refusals.push({ code: "in-the-way", path: archive.folder });
  const made = [...(shared.length === 0 ? [archive.shared] : []), archive.folder];
  const steps: readonly Step[] = [
    ...made.map((path) => ({ kind: "make-directory", path, mode: 0o700, maker: service }) as const),
    ...layout.own.flatMap((from, index) =>
      at(from) === null ? [] : [{ kind: "move-directory", from, to: archive.own[index]! } as const],
    ),
  ];
  return { steps, refusals };
};

const endSudo = (sudoers: Facts["sudoers"]): readonly Step[] => {
  if (sudoers === null || sudoers.current === null) return [];
  const { path, text } = sudoers;
  return [{ kind: "end-sudo", path, text }];
};
