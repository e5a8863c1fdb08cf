import { fail, ok, type Result } from "@gatehouse/std";
import { accountProblem, type Account, type AccountProblem } from "../../account/account.ts";
import { firstClosed } from "../../account/access.ts";
import type { FactsError, LookupFailed } from "../../plan/add-error.ts";
import { notADirectory, notAFile, notTheirs } from "../../plan/plan.ts";
import type { DiskEntry, Machine } from "../../ports.ts";
import type { User } from "../../user/user.ts";
import { userIdsOf } from "../../user/user-ids.ts";
import { type CheckName, type CheckProblem, type UserCheck, shellCommand } from "../../user-check.ts";
import { layoutOf } from "../../plan/user-layout.ts";
import { findAccount, findAccounts, findGroups, findRootGroups } from "../find-accounts.ts";
import { homeProblem } from "../home-problem.ts";
import { hostFacts, layoutFacts, ruleOnDisk } from "../host-facts.ts";
import { absolutePlaces, type Places, shippedMemory } from "../places.ts";
import { sentinelName, tryOut, type Person } from "../add-user/try-out.ts";
import { sudoersStaging } from "../../plan/plan-steps.ts";

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

/** A problem, and the command that repairs it; without one, a person has to decide. */
const broken = (check: CheckName, problem: CheckProblem, mend: readonly string[] | null = null): Finding => ({
  check,
  problem,
  mend,
});

const checkUser = async (
  host: Host,
  user: User,
  accounts: readonly Account[],
): Promise<readonly UserCheck[]> => {
  const found = await findings(host, user, accounts);
  return found.map((finding) => ({
    telegramId: user.telegram_id,
    userIds: userIdsOf(user),
    name: user.name,
    ...finding,
  }));
};

const findings = async (
  host: Host,
  user: User,
  accounts: readonly Account[],
): Promise<readonly Finding[]> => {
  const { machine, places, service } = host;
  const found = await accountOf(host, user, accounts);
  if (!found.ok) return [broken("account", found.error)];
  const account = found.value;
  const groups = await findGroups(machine, account);
  if (!groups.ok) return [broken("account", groups.error)];
  // The service's own rights are not a person's.
  const byGroups = account.uid === service.uid ? null : await findRootGroups(machine, account);
  const own = byGroups === null ? fine("account") : broken("account", byGroups);
  const layout = layoutOf(places.dataDir, user);
  const entries = await layoutFacts(machine, { dataDir: places.dataDir, layout });
  if (!entries.ok) return [broken("way", entries.error)];
  const { at, way } = entries.value;
  const closed = firstClosed(way, { uid: account.uid, groups: groups.value });
  const onDisk = [
    closed === null ? fine("way") : closedWay(closed, account),
    ...layout.shared.flatMap((path) => sharedFinding(path, at(path), service)),
    ...layout.own.map((path) => directoryFinding(path, at(path), account)),
    memoryFinding(layout.memoryFile, at(layout.memoryFile), account),
    ...(await sudoersFinding(host, user, account)),
    ...(account.uid === service.uid ? [] : [await homeFinding(machine, account, groups.value)]),
  ];
  if (onDisk.some(({ problem }) => problem !== null)) return [own, ...onDisk];
  const person = { account, groups: groups.value, service };
  const tried = await Promise.all(layout.own.map((path) => tryOutFinding(machine, person, path)));
  return [own, ...onDisk, ...tried];
};

/** The account that a user's agents have: their own, or the service's. */
const accountOf = async (
  { machine, service }: Host,
  { os_user: name }: User,
  accounts: readonly Account[],
): Promise<Result<Account, AccountProblem | LookupFailed>> => {
  if (name === null) return ok(service);
  // Looks the account up again: on macOS the list has no groups and no homes.
  const found = await findAccount(machine, name);
  if (!found.ok) return found;
  const others = accounts.filter((account) => account.name !== name);
  const problem = accountProblem(name, found.value, { service, others });
  return problem === null ? ok(found.value!) : fail(problem);
};

const closedWay = (path: string, account: Account): Finding =>
  broken("way", { code: "closed-directory", path, account: account.name }, ["chmod", "o+x", path]);

/** A command that makes a directory. */
const install = (path: string, mode: string, { uid, gid }: Account): readonly string[] => [
  "install",
  "-d",
  "-m",
  mode,
  "-o",
  String(uid),
  "-g",
  String(gid),
  path,
];

/**
 * Reports only problems of the folders that all users share, because these are checked again for each user.
 */
const sharedFinding = (path: string, entry: DiskEntry | null, service: Account): readonly Finding[] => {
  if (entry === null) return [broken("way", { code: "path-missing", path }, install(path, "0711", service))];
  return entry.kind === "directory" ? [] : [broken("way", notADirectory({ path, entry }))];
};

const directoryFinding = (path: string, entry: DiskEntry | null, account: Account): Finding => {
  const { name, uid, gid } = account;
  if (entry === null)
    return broken("directory", { code: "path-missing", path }, install(path, "0700", account));
  if (entry.kind !== "directory") return broken("directory", notADirectory({ path, entry }));
  if (entry.uid !== uid)
    return broken("directory", notTheirs(path, entry, name), ["chown", "-R", "-h", `${uid}:${gid}`, path]);
  if ((entry.mode & 0o077) !== 0)
    return broken("directory", { code: "open-to-others", path, mode: entry.mode }, ["chmod", "0700", path]);
  return fine("directory");
};

const memoryFinding = (path: string, entry: DiskEntry | null, { name, uid }: Account): Finding => {
  if (entry === null) return broken("memory", { code: "path-missing", path }, mendMissing(name, path));
  if (entry.kind !== "file") return broken("memory", notAFile({ path, entry }));
  if (entry.uid !== uid) return broken("memory", notTheirs(path, entry, name), mendForeign(name, path));
  return fine("memory");
};

const sudoersFinding = async (
  { machine, places, service }: Host,
  user: User,
  account: Account,
): Promise<readonly Finding[]> => {
  if (account.uid === service.uid) return [];
  const rule = await ruleOnDisk(machine, places, user, account.name, service);
  if (!rule.ok) return [broken("sudoers", rule.error)];
  if (rule.value === null) return [];
  const { path, text, current } = rule.value;
  const mend = mendRule(path, text);
  if (current === null) return [broken("sudoers", { code: "path-missing", path }, mend)];
  return [current === text ? fine("sudoers") : broken("sudoers", { code: "sudoers-differs", path }, mend)];
};

/** A command that writes a sudo rule as root. visudo checks the text before the file gets its name. */
const mendRule = (path: string, text: string): readonly string[] => {
  const staging = sudoersStaging(path);
  const write = shellCommand(["printf", String.raw`%s\n`, ...text.trimEnd().split("\n")]);
  const check = shellCommand(["visudo", "-cf", staging]);
  return [
    "sh",
    "-c",
    `umask 0337; ${write} > ${shellCommand([staging])} && ${check} && ${shellCommand(["mv", staging, path])}`,
  ];
};

// Both commands run with the person's rights. Between the check and the command, the directory's owner may
// put a link or a hard link to root's file there, which root's install, chown or chmod would follow.

const asPerson = (account: string, ...command: readonly string[]): string =>
  shellCommand(["sudo", "-H", "-u", account, ...command]);

const seed = (account: string, path: string): string =>
  `${asPerson(account, "tee", path)} < ${shellCommand([shippedMemory])} > /dev/null`;

/** A command that writes a missing MEMORY.md from the example, which root can read. */
const mendMissing = (account: string, path: string): readonly string[] => [
  "sh",
  "-c",
  `umask 077; ${seed(account, path)}`,
];

/** A command that moves a MEMORY.md of another account aside, and writes a new one. */
const mendForeign = (account: string, path: string): readonly string[] => [
  "sh",
  "-c",
  `umask 077; ${asPerson(account, "mv", "-f", path, `${path}.old`)} && ${seed(account, path)}`,
];

const homeFinding = async (
  machine: Machine,
  account: Account,
  groups: readonly number[],
): Promise<Finding> => {
  const found = await homeProblem(machine, account, groups);
  if (!found.ok) return broken("home", found.error);
  const problem = found.value;
  if (problem?.code === "home-missing" && account.home.startsWith("/"))
    return broken("home", problem, install(account.home, "0700", account));
  if (problem?.code === "home-read-only" && problem.isOwn)
    return broken("home", problem, ["chmod", "u+rwx", problem.home]);
  if (problem?.code === "closed-directory") return broken("home", problem, ["chmod", "o+x", problem.path]);
  if (problem?.code === "not-theirs") {
    const { uid, gid } = account;
    return broken("home", problem, ["chown", "-R", "-h", `${uid}:${gid}`, problem.path]);
  }
  return problem === null ? fine("home") : broken("home", problem);
};

const tryOutFinding = async (machine: Machine, person: Person, directory: string): Promise<Finding> => {
  const tried = await tryOut(machine, person, { directory, sentinel: sentinelName() });
  if (tried.ok) return fine("try-out");
  const { closed } = tried.error;
  return broken("try-out", tried.error, closed === null ? null : ["chmod", "o+x", closed]);
};
