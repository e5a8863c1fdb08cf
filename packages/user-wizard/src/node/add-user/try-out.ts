import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { directoriesTo, firstClosed } from "../../account/access.ts";
import type { Account } from "../../account/account.ts";
import type { NotUsable } from "../../plan/add-error.ts";
import type { Machine, Ran } from "../../ports.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import { entriesAt, statAll } from "../host-facts.ts";
import { outputOf } from "../machine/run-program.ts";

/** The account that will use a directory, with the groups that decide its access. */
export type Person = {
  readonly account: Account;
  readonly groups: readonly number[];
  /** The host's account, which starts the person's agent. */
  readonly service: Account;
};

/** A name for the test file. It is random, so the directory's owner cannot create the file beforehand. */
export const sentinelName = (): string => `.gatehouse-try-out-${randomBytes(12).toString("hex")}`;

/** The directory to test, and the name of a test file that does not exist yet. */
export type Tried = { readonly directory: string; readonly sentinel: string };

/** The one program that a sudo rule has to allow: the host starts agents through it, and ends them. */
const shell = "/bin/sh";

/**
 * `set -C` creates a new file with O_EXCL, and refuses an existing one, even behind a link (POSIX sh,
 * noclobber). If the directory's owner replaces the file anyway, the owner gains nothing: the shell runs with
 * the owner's own rights.
 */
const writeNew = 'set -C; umask 077; cat > "$1"';

/**
 * Writes, reads and removes a file in the directory as the host will: from the host's account, through sudo,
 * without a password, with the person's own home. Root would need no sudo rule, so a test as root proves nothing. The
 * directory belongs to the person, who may change it meanwhile, so nothing in it is trusted.
 */
export const tryOut = async (
  machine: Machine,
  person: Person,
  { directory, sentinel }: Tried,
): Promise<Result<void, NotUsable>> => {
  const { name } = person.account;
  const path = join(directory, sentinel);
  const text = `${name}\n`;
  const asPerson = (script: string, input: string = ""): Promise<Ran> =>
    runAs(machine, person, [shell, "-c", script, "sh", path], input);
  const written = await asPerson(writeNew, text);
  const read = written.exitCode === 0 ? await asPerson('exec cat "$1"') : null;
  // Runs also after a failure: a full disk leaves an empty file.
  const removed = await asPerson('exec rm -f "$1"');
  const failed = firstFailed({ written, read, removed }, text);
  if (failed === null) return ok(undefined);
  const closed = await closedOnTheWay(machine, person, directory);
  const said = outputOf(failed.ran);
  return fail({ code: "not-usable", account: name, directory, action: failed.action, closed, said });
};

/**
 * What sudo says if it does not let the service start a shell as the account; null if it does, or if nothing has to be started
 * through it. Only root can ask it for the service.
 */
export const sudoRefusal = async (
  machine: Machine,
  service: Account,
  account: Account | null,
): Promise<string | null> => {
  if (account === null || machine.uid !== 0 || [0, account.uid].includes(service.uid)) return null;
  const ran = await runAs(machine, { account, groups: [], service }, [shell, "-c", ":"], "");
  return ran.exitCode === 0 ? null : outputOf(ran);
};

/** A user without an account of their own uses the service's, which needs no sudo. */
const runAs = (
  { run }: Machine,
  { account, service }: Person,
  command: readonly string[],
  input: string,
): Promise<Ran> => {
  const as = { uid: service.uid, gid: service.gid };
  const through = account.uid === service.uid ? [] : ["sudo", "-n", "-H", "-u", account.name, "--"];
  return run([...through, ...command], { as, input });
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
  const entries = await statAll(machine, paths);
  return entries.ok ? firstClosed(entriesAt(entries.value, paths), { uid: account.uid, groups }) : null;
};
