import { directoriesTo, firstClosed } from "../access.ts";
import type { Account } from "../account.ts";
import type { NotUsable } from "../add-error.ts";
import { sentinelIn } from "../plan-steps.ts";
import type { Machine, Ran } from "../ports.ts";
import type { Result } from "../result.ts";
import { lookAt, wayIn } from "./gather-facts.ts";

/** Who is to use a directory, with the groups that decide what is open to them. */
export type Person = { readonly account: Account; readonly groups: readonly number[] };

/** Writes, reads and removes a file there as the host will: through sudo, without a password, with the account's own home. */
export const tryOut = async (
  machine: Machine,
  person: Person,
  directory: string,
): Promise<Result<void, NotUsable>> => {
  const { name } = person.account;
  const sentinel = sentinelIn(directory);
  const text = `${name}\n`;
  const actions = [
    { action: "write", command: ["tee", sentinel], input: text },
    { action: "read", command: ["cat", sentinel] },
    { action: "remove", command: ["rm", sentinel] },
  ] as const;
  for (const { action, command, ...options } of actions) {
    const ran = await machine.run(["sudo", "-n", "-H", "-u", name, "--", ...command], options);
    if (ran.exitCode === 0 && (action !== "read" || ran.stdout === text)) continue;
    const closed = await closedOnTheWay(machine, person, directory);
    return {
      ok: false,
      error: { code: "not-usable", account: name, directory, action, closed, said: saidBy(ran) },
    };
  }
  return { ok: true, value: undefined };
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

/** What a program said when it failed, as much of it as helps. */
export const saidBy = ({ stdout, stderr, exitCode }: Ran): string =>
  (stderr.trim() || stdout.trim() || `exit code ${exitCode}`).slice(0, 500);
