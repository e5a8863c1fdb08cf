import { dirname } from "node:path";
import { directoriesTo, type OnTheWay } from "../account/access.ts";
import { sudoersRule, type SudoersRefused } from "../account/sudoers.ts";
import type { Account } from "../account/account.ts";
import type { FactsError } from "../plan/add-error.ts";
import type { Facts, SudoersFacts } from "../plan/plan.ts";
import type { Layout } from "../plan/user-layout.ts";
import type { DiskEntry, FileError, Machine, Owner } from "../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import { noDefaults, type User } from "../user/user.ts";
import { readUsers } from "../users-file/read-users.ts";
import { safetyFlaws, type SafetyFlaw } from "../users-file/users-file-safety.ts";
import { limits } from "../users-file/users-problem.ts";
import { findAccount } from "./find-accounts.ts";
import type { Places } from "./places.ts";

/** The facts with which each addition, removal and check begins: the host's account, and users.yaml. */
export type HostFacts = Pick<Facts, "service" | "usersFile">;

/** Finds the account of the host and reads its users.yaml. */
export const hostFacts = async (
  machine: Machine,
  { usersFile: path, service: named }: Places,
): Promise<Result<HostFacts, FactsError>> => {
  const service = await findAccount(machine, named);
  if (!service.ok) return service;
  if (service.value === null) return fail({ code: "unknown-service", service: named });
  const read = await readUsersText(machine, path, service.value);
  return read.ok ? ok({ service: service.value, usersFile: { path, ...read.value } }) : read;
};

type UsersText = Omit<Facts["usersFile"], "path">;

/**
 * Reads users.yaml, or returns an empty set of users if there is no file yet. Refuses links: reading through
 * a link would be safe, but the wizard also writes the file. Refuses a place that others can change, even if
 * the file does not exist yet.
 */
const readUsersText = async (
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
  return ok({ text: null, set: { users: [], defaults: noDefaults }, as });
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
  if (text.length > limits.fileBytes) return fail({ code: "users-file-too-large", path });
  const read = readUsers(text);
  if (!read.ok) return fail({ code: "users-file-invalid", path, problems: read.error });
  const { uid, gid, mode } = entry;
  return ok({ text, set: read.value, as: { uid, gid, mode } });
};

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
  return ok(found);
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

/** The entries of a person's folders, of the folders above them, and of more paths. */
export const layoutFacts = async (
  machine: Machine,
  { dataDir, layout, more = [] }: { dataDir: string; layout: Layout; more?: readonly string[] },
): Promise<Result<Pick<Facts, "at" | "way">, FileError>> => {
  const above = [...directoriesTo(dataDir), ...layout.shared];
  const found = await statAll(machine, [...above, ...layout.own, layout.memoryFile, ...more]);
  if (!found.ok) return found;
  return ok({ at: (path) => found.value.get(path) ?? null, way: entriesAt(found.value, above) });
};

/**
 * The sudoers rule of a person, and the text of its file; null if the host or the person has none. It needs only the name of
 * their account, so a removal finds the rule of an account that is gone.
 */
export const ruleOnDisk = async (
  { files }: Machine,
  { sudoers }: Places,
  user: User,
  account: string | null,
  service: Account,
): Promise<Result<SudoersFacts | null, FileError | SudoersRefused>> => {
  if (sudoers === undefined || account === null) return ok(null);
  const rule = sudoersRule(sudoers, { user, account, service: service.name });
  if (!rule.ok) return rule;
  const looked = await files.look(rule.value.path);
  if (!looked.ok) return looked;
  if (looked.value === null) return ok({ ...rule.value, current: null });
  const current = await files.read(rule.value.path);
  return current.ok ? ok({ ...rule.value, current: current.value.text }) : current;
};
