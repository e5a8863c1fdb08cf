import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { fail, ok } from "@gatehouse/std";
import type { RuntimeResult } from "../../runtime-result.ts";
import type { AccountIds } from "../process/account.ts";

/** The account of containers whose host is root: no container runs as root. */
const usual: AccountIds = { uid: 1000, gid: 1000 };

const run = promisify(execFile);

/** The account of a container's processes: that of a person, else the host's own. Its files on the host belong to it. */
export const userOf = async (account: string | null): Promise<RuntimeResult<AccountIds>> => {
  if (account !== null) return userNamed(account);
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  return ok(uid === 0 ? usual : { uid, gid });
};

const userNamed = async (account: string): Promise<RuntimeResult<AccountIds>> => {
  try {
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, "--", account])).stdout)),
    );
    if (uid !== undefined && gid !== undefined && uid > 0) return ok({ uid, gid });
    return fail({ code: "unsupported", message: `No container runs as ${account}: it is root.` });
  } catch {
    return fail({ code: "unsupported", message: `There is no account ${account}.` });
  }
};
