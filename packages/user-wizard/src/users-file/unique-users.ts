import type { Position } from "./position.ts";
import type { User } from "../user/user.ts";
import type { UsersProblem } from "./users-problem.ts";

/** A user, and the positions of the two values that must be unique. */
export type PlacedUser = { readonly user: User; readonly idAt: number; readonly accountAt: number };

/**
 * Problems of entries that share an id or an account. A shared id is one person twice. With a shared account,
 * two people have the same rights.
 */
export const uniqueProblems = (
  placed: readonly PlacedUser[],
  positionOf: (offset: number) => Position,
): readonly UsersProblem[] => {
  const ids = new Map<number, number>();
  const accounts = new Map<string, number>();
  const problems: UsersProblem[] = [];
  for (const { user, idAt, accountAt } of placed) {
    const { telegram_id: id, os_user: account } = user;
    const [firstId, firstAccount] = [ids.get(id), account === null ? undefined : accounts.get(account)];
    if (firstId !== undefined)
      problems.push({
        code: "duplicate-id",
        id,
        firstLine: positionOf(firstId).line,
        ...positionOf(idAt),
      });
    else if (id !== null) ids.set(id, idAt);
    if (account !== null && firstAccount !== undefined)
      problems.push({
        code: "duplicate-account",
        account,
        firstLine: positionOf(firstAccount).line,
        ...positionOf(accountAt),
      });
    else if (account !== null) accounts.set(account, accountAt);
  }
  return problems;
};
