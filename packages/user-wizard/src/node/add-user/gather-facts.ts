import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { directoriesTo, type OnTheWay } from "../../account/access.ts";
import type { Account } from "../../account/account.ts";
import type { FactsError, LookupFailed } from "../../plan/add-error.ts";
import { limits } from "../../users-file/users-problem.ts";
import { stagingPaths } from "../../plan/plan-steps.ts";
import { newUsersText, type Facts, type SudoersFacts } from "../../plan/plan.ts";
import type { DiskEntry, FileError, Machine, Owner } from "../../ports.ts";
import { readUsers } from "../../users-file/read-users.ts";
import type { Result } from "@gatehouse/std";
import { sudoersRule, type SudoersRefused } from "../../account/sudoers.ts";
import { noDefaults, type User, type UserSet } from "../../user/user.ts";
import { safetyFlaws, type SafetyFlaw } from "../../users-file/users-file-safety.ts";
import { layoutOf } from "../../plan/user-layout.ts";
import { findAccount, findAccounts, findGroups } from "../find-accounts.ts";
import { sentinelName } from "./sentinel-name.ts";
import type { Places } from "../places.ts";
import { shippedMemory } from "../shipped-memory.ts";

/** Gathers all facts about the machine that a plan needs. Writes nothing. */
export const gatherFacts = async (
  machine: Machine,
  places: Places,
  user: User,
): Promise<Result<Facts, FactsError>> => {
  const service = await findAccount(machine, places.service);
  if (!service.ok) return service;
  if (service.value === null) return fail({ code: "unknown-service", service: places.service });
  const usersFile = await readUsersText(machine, places.usersFile, service.value);
  if (!usersFile.ok) return usersFile;
  const own = await accountFor(machine, user.os_user);
  if (!own.ok) return own;
  const { account } = own.value;
  const layout = layoutOf(places.dataDir, user.telegram_id);
  const paths = [
    ...directoriesTo(places.dataDir),
    ...layout.shared,
    ...layout.own,
    layout.memoryFile,
    ...stagingPaths(places.usersFile),
  ];
  const entries = await statAll(machine, paths);
  if (!entries.ok) return entries;
  const at = (path: string): DiskEntry | null => entries.value.get(path) ?? null;
  const sudoers = await sudoersFacts(machine, places, user, { account, service: service.value });
  if (!sudoers.ok) return sudoers;
  const memoryText = await memoryTextFor(machine, places.dataDir);
  if (!memoryText.ok) return memoryText;
  // With thousands of users, the lookup and the new text take about a second each. They run in parallel,
  // because the lookup is another process.
  const lookup = accountsOfOthers(machine, user, usersFile.value.set);
  const newText = newUsersText(user, usersFile.value);
  const others = await lookup;
  if (!others.ok) return others;
  return {
    ok: true,
    value: {
      usersFile: { path: places.usersFile, ...usersFile.value },
      dataDir: places.dataDir,
      ...own.value,
      others: others.value,
      newText,
      service: service.value,
      at,
      way: entriesAt(entries.value, [...directoriesTo(places.dataDir), ...layout.shared]),
      memoryText: memoryText.value,
      sudoers: sudoers.value,
      sentinel: sentinelName(),
    },
  };
};

const fail = <E>(error: E): Result<never, E> => ({ ok: false, error });

type UsersText = Omit<Facts["usersFile"], "path">;

/**
 * Reads users.yaml, or returns an empty set of users if there is no file yet. Refuses links: reading through
 * a link would be safe, but the wizard also writes the file. Refuses a place that others can change, even if
 * the file does not exist yet.
 */
export const readUsersText = async (
  machine: Machine,
  path: string,
  service: Owner,
): Promise<Result<UsersText, FactsError>> => {
  const above = directoriesTo(dirname(path));
  const looked = await statAll(machine, [...above, path]);
  if (!looked.ok) return looked;
  for (const [there, { kind }] of looked.value)
    if (kind === "link") return fail({ code: "symlink-refused", path: there });
  const flaws = entriesAt(looked.value, above).flatMap((one) =>
    safetyFlaws(one.path, one.entry, service.uid),
  );
  if (looked.value.has(path)) return readSafely(machine, path, service, flaws);
  if (flaws.length > 0) return fail({ code: "users-file-unsafe", path, service: service.uid, flaws });
  const as = { uid: service.uid, gid: service.gid, mode: 0o600 };
  return { ok: true, value: { text: null, set: { users: [], defaults: noDefaults }, as } };
};

const readSafely = async (
  { files }: Machine,
  path: string,
  service: Owner,
  above: readonly SafetyFlaw[],
): Promise<Result<UsersText, FactsError>> => {
  const opened = await files.read(path);
  if (!opened.ok) return fail({ code: "users-file-unreadable", path, errno: opened.error.errno });
  const { text, entry } = opened.value;
  const flaws = [...above, ...safetyFlaws(path, entry, service.uid)];
  if (flaws.length > 0) return fail({ code: "users-file-unsafe", path, service: service.uid, flaws });
  const bytes = text.length;
  if (bytes > limits.fileBytes) return fail({ code: "users-file-too-large", path, bytes });
  const read = readUsers(text);
  if (!read.ok) return fail({ code: "users-file-invalid", path, problems: read.error });
  const { uid, gid, mode } = entry;
  return { ok: true, value: { text, set: read.value, as: { uid, gid, mode } } };
};

type Accounts = Pick<Facts, "account" | "groups">;

const accountFor = async (machine: Machine, name: string | null): Promise<Result<Accounts, LookupFailed>> => {
  const account = name === null ? ({ ok: true, value: null } as const) : await findAccount(machine, name);
  if (!account.ok) return account;
  if (account.value === null) return { ok: true, value: { account: null, groups: [] } };
  const groups = await findGroups(machine, account.value);
  return groups.ok ? { ok: true, value: { account: account.value, groups: groups.value } } : groups;
};

const accountsOfOthers = (machine: Machine, user: User, { users }: UserSet) =>
  findAccounts(
    machine,
    users.flatMap(({ telegram_id: id, os_user: name }) =>
      name === null || id === user.telegram_id ? [] : [name],
    ),
  );

/** Stats these paths, and skips each one below a link, a file or a missing directory. */
export const statAll = async (
  { files }: Machine,
  paths: readonly string[],
): Promise<Result<ReadonlyMap<string, DiskEntry>, FileError>> => {
  const found = new Map<string, DiskEntry>();
  const closed: string[] = [];
  for (const path of new Set(paths)) {
    if (closed.some((above) => path.startsWith(`${above}/`))) continue;
    const looked = await files.look(path);
    if (!looked.ok) return looked;
    if (looked.value?.kind !== "directory") closed.push(path);
    if (looked.value !== null) found.set(path, looked.value);
  }
  return { ok: true, value: found };
};

/** The entries of these paths, in this order, without paths that do not exist. */
export const entriesAt = (
  entries: ReadonlyMap<string, DiskEntry>,
  paths: readonly string[],
): readonly OnTheWay[] =>
  [...new Set(paths)].flatMap((path) => {
    const entry = entries.get(path);
    return entry === undefined ? [] : [{ path, entry }];
  });

const sudoersFacts = async (
  { files }: Machine,
  places: Places,
  user: User,
  { account, service }: { readonly account: Account | null; readonly service: Account },
): Promise<Result<SudoersFacts | null, FileError | SudoersRefused>> => {
  if (places.sudoers === undefined || account === null) return { ok: true, value: null };
  const rule = sudoersRule(places.sudoers, { telegramId: user.telegram_id, account, service });
  if (!rule.ok) return rule;
  const looked = await files.look(rule.value.path);
  if (!looked.ok) return looked;
  if (looked.value === null) return { ok: true, value: { ...rule.value, current: null } };
  const current = await files.read(rule.value.path);
  return current.ok ? { ok: true, value: { ...rule.value, current: current.value.text } } : current;
};

/** The initial text of a new MEMORY.md: the data folder's own example, else the package's. */
const memoryTextFor = async ({ files }: Machine, dataDir: string): Promise<Result<string, FileError>> => {
  const own = `${dataDir}/MEMORY.md.example`;
  const looked = await files.look(own);
  if (!looked.ok) return looked;
  if (looked.value === null) return { ok: true, value: await readFile(shippedMemory, "utf8") };
  const read = await files.read(own);
  return read.ok ? { ok: true, value: read.value.text } : read;
};
