import { directoriesTo } from "../../account/access.ts";
import type { Account } from "../../account/account.ts";
import { sudoersRule } from "../../account/sudoers.ts";
import type { FactsError } from "../../plan/add-error.ts";
import type { Facts } from "../../plan/plan.ts";
import type { RemovalFacts } from "../../plan/plan-removal.ts";
import { stagingPaths } from "../../plan/plan-steps.ts";
import { archiveOf, layoutOf } from "../../plan/user-layout.ts";
import type { Machine } from "../../ports.ts";
import type { Result } from "@gatehouse/std";
import type { User } from "../../user/user.ts";
import { cutUser } from "../../users-file/splice-out.ts";
import { statAll, entriesAt } from "../add-user/gather-facts.ts";
import type { Places } from "../places.ts";

export type Removal = {
  readonly places: Places;
  readonly user: User;
  /** The time, in the form used in an archive's name. */
  readonly stamp: string;
  readonly file: Facts["usersFile"];
  readonly service: Account;
};

/** Gathers all other facts about the machine that a removal needs. Writes nothing. */
export const gatherRemoval = async (
  machine: Machine,
  { places, user, stamp, file, service }: Removal,
): Promise<Result<RemovalFacts, FactsError>> => {
  const { dataDir } = places;
  const layout = layoutOf(dataDir, user.telegram_id);
  const archive = archiveOf(dataDir, user.telegram_id, stamp);
  const sudoers = await ruleOf(machine, places, user, service);
  if (!sudoers.ok) return sudoers;
  const entries = await statAll(machine, [
    ...directoriesTo(dataDir),
    ...layout.shared,
    ...layout.own,
    archive.shared,
    archive.folder,
    ...stagingPaths(places.usersFile),
  ]);
  if (!entries.ok) return entries;
  return {
    ok: true,
    value: {
      usersFile: file,
      dataDir,
      service,
      at: (path) => entries.value.get(path) ?? null,
      way: entriesAt(entries.value, [...directoriesTo(dataDir), ...layout.shared]),
      newText: cutUser(file.text ?? "", file.set, user),
      sudoers: sudoers.value,
    },
  };
};

/**
 * Builds the rule from the names of the two accounts, so it is found even if the person's account is gone.
 */
const ruleOf = async (
  { files }: Machine,
  { sudoers }: Places,
  { telegram_id: telegramId, os_user: name }: User,
  service: Account,
): Promise<Result<Facts["sudoers"], FactsError>> => {
  if (sudoers === undefined || name === null) return { ok: true, value: null };
  const account = { name, uid: -1, gid: -1, home: "" };
  const rule = sudoersRule(sudoers, { telegramId, account, service });
  if (!rule.ok) return rule;
  const looked = await files.look(rule.value.path);
  if (!looked.ok || looked.value === null) return looked.ok ? { ok: true, value: null } : looked;
  const current = await files.read(rule.value.path);
  return current.ok ? { ok: true, value: { ...rule.value, current: current.value.text } } : current;
};
