import type { Args, CommandError, Reply, Signature } from "../commands/command.ts";
import { noSuchRow } from "../problems/failure.ts";
import type { Result } from "@gatehouse/std";

const isOwn = (row: unknown, column: string, groupId: string): boolean =>
  typeof row === "object" && row !== null && Object.getOwnPropertyDescriptor(row, column)?.value === groupId;

/**
 * A handler's answer without the rows of other groups, and without rows that do not say whose they are: a second lock behind
 * the context that the handler was given. Text for people goes with them, as it may name them.
 */
export const ownRows = (
  command: Signature,
  args: Args,
  groupId: string,
  reply: Reply,
): Result<Reply, CommandError> => {
  const { rowGroup, resource, positional } = command;
  if (rowGroup === undefined) return { ok: true, value: reply };
  const { data } = reply;
  if (!Array.isArray(data)) {
    if (isOwn(data, rowGroup, groupId)) return { ok: true, value: reply };
    return { ok: false, error: noSuchRow(resource ?? command.words, String(args[positional ?? "id"])) };
  }
  const own = data.filter((row) => isOwn(row, rowGroup, groupId));
  return { ok: true, value: own.length === data.length ? reply : { data: own } };
};
