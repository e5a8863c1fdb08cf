import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { outputAs, shell } from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { RuntimeResult } from "../../runtime-result.ts";

/** An account by its numbers. */
export type AccountIds = { readonly uid: number; readonly gid: number };

/** The HOME of an account, from its own shell. The error says why nothing can be started as this account. */
export const homeOf = async (account: string): Promise<RuntimeResult<string>> => {
  const home = await outputAs(account, [shell, "-c", 'printf %s "$HOME"']);
  if (home.ok && home.value.startsWith("/")) return home;
  return fail({
    code: "runtime-unavailable",
    message: `Nothing can be started as ${account}: ${home.ok ? "it has no home folder" : home.error}`,
    fix: `Give the host's account a sudo rule for it: ALL=(${account}) NOPASSWD: ${shell}`,
  });
};

/** The account of containers if the host runs as root: no container runs as root. */
export const usualIds: AccountIds = { uid: 1000, gid: 1000 };

const run = promisify(execFile);

/** The account of a container's processes: the given account, else the host's own. It owns the container's files. */
export const userOf = async (account: string | null): Promise<RuntimeResult<AccountIds>> => {
  if (account !== null) return userNamed(account);
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  return ok(uid === 0 ? usualIds : { uid, gid });
};

const userNamed = async (account: string): Promise<RuntimeResult<AccountIds>> => {
  try {
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "--", account])).stdout)),
    );
    if (uid === undefined || gid === undefined || uid === 0)
      return fail({ code: "unsupported", message: `No container runs as ${account}: it is root.` });
    // The files of a sandbox or a container are given to its account, which only root may do.
    if (![0, uid].includes(process.geteuid?.() ?? 0))
      return fail({
        code: "unsupported",
        message: `Only a host that runs as root starts a sandbox or a container as ${account}.`,
        fix: "Run the host as root.",
      });
    return ok({ uid, gid });
  } catch {
    return fail({ code: "unsupported", message: `There is no account ${account}.` });
  }
};
