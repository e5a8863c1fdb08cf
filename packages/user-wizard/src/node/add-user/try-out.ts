import { join } from "node:path";
import { directoriesTo, firstClosed } from "../../account/access.ts";
import type { Account } from "../../account/account.ts";
import type { NotUsable } from "../../plan/add-error.ts";
import type { Machine, Ran } from "../../ports.ts";
import type { Result } from "@gatehouse/std";
import { lookAt, wayIn } from "./gather-facts.ts";
import { saidBy } from "../machine/said-by.ts";

/** Who is to use a directory, with the groups that decide what is open to them. */
export type Person = { readonly account: Account; readonly groups: readonly number[] };

/** Which file of a directory is written, and is nobody's before. */
export type Tried = { readonly directory: string; readonly sentinel: string };

/**
 * `set -C` creates the file with O_EXCL where nothing is, and refuses a file, also behind a link (POSIX sh, noclobber).
 * What the directory's owner puts there all the same is opened with their own rights.
 */
const writeNew = ["sh", "-c", 'set -C; umask 077; cat > "$1"', "sh"] as const;

/**
 * Writes, reads and removes a file there as the host will: through sudo, without a password, with the account's own
 * home. The directory is the person's: what happens in it meanwhile is theirs to decide, and none of it is believed.
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
  // Also after a failure: a full disk leaves an empty file.
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
