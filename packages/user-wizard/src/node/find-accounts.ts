import { accountName } from "../user/accept.ts";
import { parseDsclList, parsePasswdLine, type Account, type RootByGroups } from "../account/account.ts";
import { rootGroupsIn } from "../account/root-groups.ts";
import type { LookupFailed } from "../plan/add-error.ts";
import type { Machine, Ran } from "../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import { outputOf } from "./machine/run-program.ts";

const failed = (command: readonly string[], { stderr, exitCode }: Ran): Result<never, LookupFailed> =>
  fail({
    code: "lookup-failed",
    command: command.join(" "),
    said: outputOf({ stdout: "", stderr, exitCode }),
  });

/** getpwnam, or getpwuid for a number. Returns null if there is no such account. */
export const findAccount = async (
  machine: Machine,
  key: string | number,
): Promise<Result<Account | null, LookupFailed>> => {
  // `-rf` would be read as an option, and `1000` as a uid.
  if (typeof key === "string" && accountName(key) === undefined) return ok(null);
  const command =
    machine.platform === "darwin" ? ["id", "-P", String(key)] : ["getent", "passwd", String(key)];
  const ran = await machine.run(command);
  // getent(1): 2 if one or more keys could not be found. id of macOS: 1, "no such user".
  const unknown = machine.platform === "darwin" ? ran.exitCode === 1 : ran.exitCode === 2;
  if (unknown) return ok(null);
  if (ran.exitCode !== 0) return failed(command, ran);
  const account = parsePasswdLine(ran.stdout.trim().split("\n")[0] ?? "");
  const isAsked = account !== null && (typeof key === "number" ? account.uid === key : account.name === key);
  return ok(isAsked ? account : null);
};

/** The named accounts that exist. On macOS they have neither a group nor a home. */
export const findAccounts = async (
  machine: Machine,
  names: readonly string[],
): Promise<Result<readonly Account[], LookupFailed>> => {
  if (names.length === 0) return ok([]);
  if (machine.platform === "darwin") {
    const command = ["dscl", "/Search", "-list", "/Users", "UniqueID"];
    const ran = await machine.run(command);
    if (ran.exitCode !== 0) return failed(command, ran);
    return ok(parseDsclList(ran.stdout).filter(({ name }) => names.includes(name)));
  }
  const ran = await machine.run(["getent", "passwd", ...names]);
  if (ran.exitCode !== 0 && ran.exitCode !== 2) return failed(["getent", "passwd"], ran);
  return ok(ran.stdout.split("\n").flatMap((line) => parsePasswdLine(line) ?? []));
};

/** The groups of an account that make it root. Without an answer, none are known. */
export const findRootGroups = async (machine: Machine, account: Account): Promise<RootByGroups | null> => {
  const ran = await machine.run(["id", "-Gn", account.name]);
  const groups = ran.exitCode === 0 ? rootGroupsIn(ran.stdout.trim().split(/\s+/)) : [];
  return groups.length === 0 ? null : { code: "root-by-groups", account: account.name, groups };
};

/** The groups of an account; its primary group comes first. */
export const findGroups = async (
  machine: Machine,
  account: Account,
): Promise<Result<readonly number[], LookupFailed>> => {
  const command = ["id", "-G", account.name];
  const ran = await machine.run(command);
  if (ran.exitCode !== 0) return failed(command, ran);
  return ok(ran.stdout.trim().split(/\s+/).map(Number));
};
