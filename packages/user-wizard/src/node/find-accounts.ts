import { accountName } from "../user/accept.ts";
import { parseDsclList, parsePasswdLine, type Account } from "../account/account.ts";
import type { LookupFailed } from "../plan/add-error.ts";
import type { Machine, Ran } from "../ports.ts";
import type { Result } from "@gatehouse/std";
import { outputOf } from "./machine/output-of.ts";

const failed = (command: readonly string[], { stderr, exitCode }: Ran): Result<never, LookupFailed> => ({
  ok: false,
  error: {
    code: "lookup-failed",
    command: command.join(" "),
    said: outputOf({ stdout: "", stderr, exitCode }),
  },
});

/** getpwnam, or getpwuid for a number. Returns null if there is no such account. */
export const findAccount = async (
  machine: Machine,
  key: string | number,
): Promise<Result<Account | null, LookupFailed>> => {
  // `-rf` would be read as an option, and `1000` as a uid.
  if (typeof key === "string" && accountName(key) === undefined) return { ok: true, value: null };
  const command =
    machine.platform === "darwin" ? ["id", "-P", String(key)] : ["getent", "passwd", String(key)];
  const ran = await machine.run(command);
  // getent(1): 2 if one or more keys could not be found. id of macOS: 1, "no such user".
  const unknown = machine.platform === "darwin" ? ran.exitCode === 1 : ran.exitCode === 2;
  if (unknown) return { ok: true, value: null };
  if (ran.exitCode !== 0) return failed(command, ran);
  const account = parsePasswdLine(ran.stdout.trim().split("\n")[0] ?? "");
  const isAsked = account !== null && (typeof key === "number" ? account.uid === key : account.name === key);
  return { ok: true, value: isAsked ? account : null };
};

/**
 * Maximum names for one call of getent, far below the limit for arguments. The calls run in parallel: glibc
 * takes
 * 0.08 ms for a name.
 */
const atOnce = 2_000;

/** The named accounts that exist. */
export const findAccounts = async (
  machine: Machine,
  names: readonly string[],
): Promise<Result<readonly Account[], LookupFailed>> => {
  if (names.length === 0) return { ok: true, value: [] };
  if (machine.platform === "darwin") return listedAccounts(machine, new Set(names));
  const portions = Array.from({ length: Math.ceil(names.length / atOnce) }, (_, index) =>
    names.slice(index * atOnce, (index + 1) * atOnce),
  );
  const looked = await Promise.all(portions.map((portion) => namedAccounts(machine, portion)));
  const wrong = looked.find((one) => !one.ok);
  if (wrong !== undefined) return wrong;
  return { ok: true, value: looked.flatMap((one) => (one.ok ? one.value : [])) };
};

const namedAccounts = async (
  machine: Machine,
  names: readonly string[],
): Promise<Result<readonly Account[], LookupFailed>> => {
  const command = ["getent", "passwd", ...names];
  const ran = await machine.run(command);
  if (ran.exitCode !== 0 && ran.exitCode !== 2) return failed(command.slice(0, 2), ran);
  const accounts = ran.stdout.split("\n").map(parsePasswdLine);
  return { ok: true, value: accounts.filter((account) => account !== null) };
};

const listedAccounts = async (
  machine: Machine,
  names: ReadonlySet<string>,
): Promise<Result<readonly Account[], LookupFailed>> => {
  const command = ["dscl", "/Search", "-list", "/Users", "UniqueID"];
  const ran = await machine.run(command);
  if (ran.exitCode !== 0) return failed(command, ran);
  return { ok: true, value: parseDsclList(ran.stdout).filter(({ name }) => names.has(name)) };
};

/** The groups of an account; its primary group comes first. */
export const findGroups = async (
  machine: Machine,
  account: Account,
): Promise<Result<readonly number[], LookupFailed>> => {
  const command = ["id", "-G", account.name];
  const ran = await machine.run(command);
  if (ran.exitCode !== 0) return failed(command, ran);
  return { ok: true, value: ran.stdout.trim().split(/\s+/).map(Number) };
};
