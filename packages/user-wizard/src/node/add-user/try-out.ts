import { join } from "node:path";
import { directoriesTo, firstClosed } from "../../account/access.ts";
import type { Account } from "../../account/account.ts";
import type { NotUsable } from "../../plan/add-error.ts";
import type { Machine, Ran } from "../../ports.ts";
import type { Result } from "@gatehouse/std";
import { lookAt, wayIn } from "./gather-facts.ts";
import { saidBy } from "../machine/said-by.ts";

/** The account that will use a directory, with the groups that decide its access. */
export type Person = { readonly account: Account; readonly groups: readonly number[] };

/** The directory to test, and the name of a test file that does not exist yet. */
export type Tried = { readonly directory: string; readonly sentinel: string };

/**
 * `set -C` creates a new file with O_EXCL, and refuses an existing one, even behind a link (POSIX sh,
 * noclobber). If the directory's owner replaces the file anyway, it is opened only with the owner's own
 * rights.
 */
const writeNew = ["sh", "-c", 'set -C; umask 077; cat > "$1"', "sh"] as const;

/**
 * Writes, reads and removes a file there as the host will: through sudo, without a password, with the
 * account's own home. The directory belongs to the person, who may change it meanwhile, so nothing in it is
 * trusted.
 */
export const tryOut = async (
  machine: Machine,
  person: Person,
  { directory, sentinel }: Tried,
): Promise<Result<void, NotUsable>> => {
  const { name } = person.account;
  const path = join(directory, sentinel);
  const text = `${name}\n`;
  const asPerson = (command: readonly string[], input?: string): Promise<Ran> =>
    machine.run(["sudo", "-n", "-H", "-u", name, "--", ...command], input === undefined ? {} : { input });
  const written = await asPerson([...writeNew, path], text);
  const read = written.exitCode === 0 ? await asPerson(["cat", path]) : null;
  // Runs also after a failure: a full disk leaves an empty file.
  const removed = await asPerson(["rm", "-f", path]);
  const failed = firstFailed({ written, read, removed }, text);
  if (failed === null) return { ok: true, value: undefined };
  const closed = await closedOnTheWay(machine, person, directory);
  const said = saidBy(failed.ran);
  return {
    ok: false,
    error: { code: "not-usable", account: name, directory, action: failed.action, closed, said },
  };
};

type Trials = { readonly written: Ran; readonly read: Ran | null; readonly removed: Ran };

const firstFailed = (
  { written, read, removed }: Trials,
  text: string,
): { readonly action: NotUsable["action"]; readonly ran: Ran } | null => {
  if (read === null) return { action: "write", ran: written };
  if (read.exitCode !== 0 || read.stdout !== text) return { action: "read", ran: read };
  return removed.exitCode === 0 ? null : { action: "remove", ran: removed };
};

const closedOnTheWay = async (
  machine: Machine,
  { account, groups }: Person,
  directory: string,
): Promise<string | null> => {
  const paths = directoriesTo(directory);
  const entries = await lookAt(machine, paths);
  return entries.ok ? firstClosed(wayIn(entries.value, paths), { uid: account.uid, groups }) : null;
};
