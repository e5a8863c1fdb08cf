import { accountProblem, type Account } from "../../account/account.ts";
import { directoriesTo, firstClosed } from "../../account/access.ts";
import type { FactsError } from "../../plan/add-error.ts";
import type { DiskEntry, Machine } from "../../ports.ts";
import { ok, type Result } from "@gatehouse/std";
import { sudoersRule } from "../../account/sudoers.ts";
import type { User } from "../../user/user.ts";
import type { CheckName, CheckProblem, UserCheck } from "../../user-check.ts";
import { layoutOf } from "../../plan/user-layout.ts";
import { findAccount, findAccounts, findGroups } from "../find-accounts.ts";
import { entriesAt, hostFacts, statAll } from "../host-facts.ts";
import { absolutePlaces, type Places } from "../places.ts";
import { mendRule } from "./mend-rule.ts";
import { mendForeign, mendMissing } from "./mend-memory.ts";
import { sentinelName, tryOut } from "../add-user/try-out.ts";

export type UsersReport = {
  /** There is an interrupted run. The next `addUser` finishes or undoes it. */
  readonly interrupted: boolean;
  readonly checks: readonly UserCheck[];
};

type Host = { readonly machine: Machine; readonly places: Places; readonly service: Account };

/** Checks every user as `addUser` does. It writes only the test file, and removes it. */
export const checkUsers = async (
  machine: Machine,
  asked: Places,
): Promise<Result<UsersReport, FactsError>> => {
  const places = absolutePlaces(asked);
  const facts = await hostFacts(machine, places);
  if (!facts.ok) return facts;
  const { service, usersFile } = facts.value;
  const { users } = usersFile.set;
  const names = users.flatMap(({ os_user: name }) => (name === null ? [] : [name]));
  const accounts = await findAccounts(machine, names);
  if (!accounts.ok) return accounts;
  const journal = await machine.files.look(machine.journals.pathOf(places.usersFile));
  if (!journal.ok) return journal;
  const host = { machine, places, service };
  const checks: UserCheck[] = [];
  for (const user of users) checks.push(...(await checkUser(host, user, accounts.value)));
  return ok({ interrupted: journal.value !== null, checks });
};

type Finding = Pick<UserCheck, "check" | "problem" | "mend">;

const fine = (check: CheckName): Finding => ({ check, problem: null, mend: null });

const checkUser = async (
  host: Host,
  user: User,
  accounts: readonly Account[],
): Promise<readonly UserCheck[]> => {
  const found = await findings(host, user, accounts);
  return found.map((finding) => ({ telegramId: user.telegram_id, name: user.name, ...finding }));
};

/** A user without their own account uses the service's. */
const findings = async (
  { machine, places, service }: Host,
  user: User,
  accounts: readonly Account[],
): Promise<readonly Finding[]> => {
  const name = user.os_user;
  const found = name === null ? service : (accounts.find((account) => account.name === name) ?? null);
  const others = accounts.filter((account) => account.name !== name);
  const problem = name === null ? null : accountProblem(name, found, { service, others });
  if (problem !== null || found === null) return [{ check: "account", problem, mend: null }];
  // Looks the account up again: on macOS the list has no groups and no homes.
  const looked = name === null ? { ok: true as const, value: service } : await findAccount(machine, name);
  if (!looked.ok) return [{ check: "account", problem: looked.error, mend: null }];
  const account = looked.value ?? found;
  const groups = await findGroups(machine, account);
  if (!groups.ok) return [{ check: "account", problem: groups.error, mend: null }];
  const layout = layoutOf(places.dataDir, user.telegram_id);
  const paths = [...directoriesTo(places.dataDir), ...layout.shared, ...layout.own, layout.memoryFile];
  const entries = await statAll(machine, paths);
  if (!entries.ok) return [{ check: "way", problem: entries.error, mend: null }];
  const at = (path: string): DiskEntry | null => entries.value.get(path) ?? null;
  const closed = firstClosed(entriesAt(entries.value, [...directoriesTo(places.dataDir), ...layout.shared]), {
    uid: account.uid,
    groups: groups.value,
  });
  const onDisk = [
    closed === null ? fine("way") : closedWay(closed, account),
    ...layout.shared.flatMap((path) => sharedFinding(path, at(path), service)),
    ...layout.own.map((path) => directoryFinding(path, at(path), account)),
    memoryFinding(layout.memoryFile, at(layout.memoryFile), account),
  ];
  const sudoers = await sudoersFinding({ machine, places, service }, user, account);
  const tried = [...onDisk, ...sudoers].every(({ problem: there }) => there === null)
    ? await Promise.all(
        layout.own.map((path) => tryOutFinding(machine, { account, groups: groups.value, service }, path)),
      )
    : [];
  return [fine("account"), ...onDisk, ...sudoers, ...tried];
};

const closedWay = (path: string, account: Account): Finding => ({
  check: "way",
  problem: { code: "closed-directory", path, account: account.name },
  mend: ["chmod", "o+x", path],
});

/**
 * Reports only problems of the folders that all users share, because these are checked again for each user.
 */
const sharedFinding = (path: string, entry: DiskEntry | null, { uid, gid }: Account): readonly Finding[] => {
  if (entry?.kind === "directory") return [];
  if (entry !== null) {
    const code = entry.kind === "link" ? "symlink-refused" : "not-a-directory";
    return [{ check: "way", problem: { code, path }, mend: null }];
  }
  const mend = ["install", "-d", "-m", "0711", "-o", String(uid), "-g", String(gid), path];
  return [{ check: "way", problem: { code: "path-missing", path }, mend }];
};

const directoryFinding = (path: string, entry: DiskEntry | null, { name, uid, gid }: Account): Finding => {
  const finding = (problem: CheckProblem, mend: readonly string[] | null): Finding => ({
    check: "directory",
    problem,
    mend,
  });
  const owner = `${uid}:${gid}`;
  if (entry === null)
    return finding({ code: "path-missing", path }, [
      "install",
      "-d",
      "-m",
      "0700",
      "-o",
      String(uid),
      "-g",
      String(gid),
      path,
    ]);
  if (entry.kind === "link") return finding({ code: "symlink-refused", path }, null);
  if (entry.kind !== "directory") return finding({ code: "not-a-directory", path }, null);
  if (entry.uid !== uid)
    return finding({ code: "not-theirs", path, kind: "directory", account: name, uid: entry.uid }, [
      "chown",
      "-R",
      "-h",
      owner,
      path,
    ]);
  if ((entry.mode & 0o077) !== 0)
    return finding({ code: "open-to-others", path, mode: entry.mode }, ["chmod", "0700", path]);
  return fine("directory");
};

const memoryFinding = (path: string, entry: DiskEntry | null, { name, uid }: Account): Finding => {
  const finding = (problem: CheckProblem, mend: readonly string[] | null): Finding => ({
    check: "memory",
    problem,
    mend,
  });
  if (entry === null) return finding({ code: "path-missing", path }, mendMissing(name, path));
  if (entry.kind === "link") return finding({ code: "symlink-refused", path }, null);
  if (entry.kind !== "file") return finding({ code: "in-the-way", path }, null);
  if (entry.uid !== uid)
    return finding(
      { code: "not-theirs", path, kind: "file", account: name, uid: entry.uid },
      mendForeign(name, path),
    );
  return fine("memory");
};

const sudoersFinding = async (
  { machine, places, service }: Host,
  user: User,
  account: Account,
): Promise<readonly Finding[]> => {
  if (places.sudoers === undefined || account.uid === service.uid) return [];
  const rule = sudoersRule(places.sudoers, {
    telegramId: user.telegram_id,
    account: account.name,
    service: service.name,
  });
  if (!rule.ok) return [];
  const { path, text } = rule.value;
  const mend = mendRule(path, text);
  const looked = await machine.files.look(path);
  if (!looked.ok) return [{ check: "sudoers", problem: looked.error, mend: null }];
  if (looked.value === null) return [{ check: "sudoers", problem: { code: "path-missing", path }, mend }];
  const current = await machine.files.read(path);
  if (!current.ok) return [{ check: "sudoers", problem: current.error, mend: null }];
  if (current.value.text === text) return [fine("sudoers")];
  return [{ check: "sudoers", problem: { code: "sudoers-differs", path }, mend }];
};

const tryOutFinding = async (
  machine: Machine,
  person: Parameters<typeof tryOut>[1],
  directory: string,
): Promise<Finding> => {
  const tried = await tryOut(machine, person, { directory, sentinel: sentinelName() });
  if (tried.ok) return fine("try-out");
  const { closed } = tried.error;
  return { check: "try-out", problem: tried.error, mend: closed === null ? null : ["chmod", "o+x", closed] };
};
