import { readFile } from "node:fs/promises";
import type { FactsError, LookupFailed } from "../../plan/add-error.ts";
import { stagingPaths } from "../../plan/plan-steps.ts";
import type { Facts } from "../../plan/plan.ts";
import type { FileError, Machine } from "../../ports.ts";
import { ok, type Result } from "@gatehouse/std";
import type { User, UserSet } from "../../user/user.ts";
import { isSamePerson } from "../../user/user-ids.ts";
import { layoutOf } from "../../plan/user-layout.ts";
import { findAccount, findAccounts, findGroups } from "../find-accounts.ts";
import { hostFacts, layoutFacts, ruleOnDisk } from "../host-facts.ts";
import { shippedMemory, type Places } from "../places.ts";
import { sentinelName, sudoRefusal } from "./try-out.ts";

/** Gathers all facts about the machine that a plan needs. Writes nothing. */
export const gatherFacts = async (
  machine: Machine,
  places: Places,
  user: User,
): Promise<Result<Facts, FactsError>> => {
  const host = await hostFacts(machine, places);
  if (!host.ok) return host;
  const { service, usersFile } = host.value;
  const own = await accountFor(machine, user.os_user);
  if (!own.ok) return own;
  const { account } = own.value;
  const entries = await layoutFacts(machine, {
    dataDir: places.dataDir,
    layout: layoutOf(places.dataDir, user),
    more: stagingPaths(places.usersFile),
  });
  if (!entries.ok) return entries;
  const sudoers = await ruleOnDisk(machine, places, user, account?.name ?? null, service);
  if (!sudoers.ok) return sudoers;
  const memoryText = await memoryTextFor(machine, places.dataDir);
  if (!memoryText.ok) return memoryText;
  const sudoRefused = sudoers.value === null ? await sudoRefusal(machine, host.value.service, account) : null;
  const others = await accountsOfOthers(machine, user, usersFile.set);
  if (!others.ok) return others;
  return ok({
    service,
    usersFile,
    dataDir: places.dataDir,
    ...own.value,
    others: others.value,
    ...entries.value,
    memoryText: memoryText.value,
    sudoers: sudoers.value,
    sudoRefused,
    sentinel: sentinelName(),
  });
};

type Accounts = Pick<Facts, "account" | "groups">;

const accountFor = async (machine: Machine, name: string | null): Promise<Result<Accounts, LookupFailed>> => {
  const account = name === null ? ok(null) : await findAccount(machine, name);
  if (!account.ok) return account;
  if (account.value === null) return ok({ account: null, groups: [] });
  const groups = await findGroups(machine, account.value);
  return groups.ok ? ok({ account: account.value, groups: groups.value }) : groups;
};

const accountsOfOthers = (machine: Machine, user: User, { users }: UserSet) =>
  findAccounts(
    machine,
    users.flatMap((other) => (other.os_user === null || isSamePerson(other, user) ? [] : [other.os_user])),
  );

/** The initial text of a new MEMORY.md: the data folder's own example, else the package's. */
const memoryTextFor = async ({ files }: Machine, dataDir: string): Promise<Result<string, FileError>> => {
  const own = `${dataDir}/MEMORY.md.example`;
  const looked = await files.look(own);
  if (!looked.ok) return looked;
  if (looked.value === null) return ok(await readFile(shippedMemory, "utf8"));
  const read = await files.read(own);
  return read.ok ? ok(read.value.text) : read;
};
