import type { Owner } from "../ports.ts";
import type { RootGroup } from "./root-groups.ts";

/** An account of the operating system. */
export type Account = Owner & { readonly name: string; readonly home: string };

export type AccountProblem =
  | { readonly code: "unknown-account"; readonly account: string }
  | { readonly code: "account-is-root"; readonly account: string }
  | { readonly code: "account-is-service"; readonly account: string; readonly service: string }
  /** `other` is the account of another entry, which has the same uid under another name. */
  | { readonly code: "account-shared"; readonly account: string; readonly other: string };

/**
 * Why a person's agent may not run as this account. The account's rights separate people from each other and
 * from the service. So it is never root (nothing separates people from root, and no use needs an exception),
 * never the service's own account, and never the uid of another entry, even under another name. `others` are
 * the accounts of the other entries.
 */
export const accountProblem = (
  name: string,
  account: Account | null,
  { service, others }: { readonly service: Account; readonly others: readonly Account[] },
): AccountProblem | null => {
  if (account === null) return { code: "unknown-account", account: name };
  if (account.uid === 0) return { code: "account-is-root", account: name };
  if (account.uid === service.uid || name === service.name)
    return { code: "account-is-service", account: name, service: service.name };
  const other = others.find(({ uid, name: otherName }) => uid === account.uid && otherName !== name);
  return other === undefined ? null : { code: "account-shared", account: name, other: other.name };
};

/**
 * Parses one line of `getent passwd` (glibc: `ada:x:1001:1001:Ada,,,:/home/ada:/bin/bash`) or of `id -P`
 * (macOS: `ada:********:501:20::0:0:Ada:/Users/ada:/bin/zsh`). Returns null for any other line.
 */
export const parsePasswdLine = (line: string): Account | null => {
  const parts = line.split(":");
  if (parts.length !== 7 && parts.length !== 10) return null;
  const [name, uid, gid, home] = [parts[0]!, Number(parts[2]), Number(parts[3]), parts.at(-2)!];
  if (name === "" || !/^\d+$/.test(parts[2]!) || !/^\d+$/.test(parts[3]!)) return null;
  return { name, uid, gid, home };
};

/**
 * Parses `dscl /Search -list /Users UniqueID` (macOS): a name, spaces and a uid on each line. It lists no
 * homes.
 */
export const parseDsclList = (output: string): readonly Account[] =>
  output.split("\n").flatMap((line) => {
    const found = /^(\S+)\s+(\d+)$/.exec(line.trim());
    return found === null ? [] : [{ name: found[1]!, uid: Number(found[2]), gid: -1, home: "" }];
  });

/** The account can become root by these groups, so its agent can, too. */
export type RootByGroups = {
  readonly code: "root-by-groups";
  readonly account: string;
  readonly groups: readonly RootGroup[];
};

/** A person's own directory, or a file in it, belongs to another account (`uid`). */
export type NotTheirs = {
  readonly code: "not-theirs";
  readonly path: string;
  readonly kind: "directory" | "file";
  readonly account: string;
  readonly uid: number;
};
