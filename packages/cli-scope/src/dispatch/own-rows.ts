import type { Args, CommandError, Reply, Signature } from "../commands/command.ts";
import { noSuchRow } from "../problems/failure.ts";
import type { Result } from "@gatehouse/std";

const isOwn = (row: unknown, column: string, groupId: string): boolean =>
  typeof row === "object" && row !== null && Object.getOwnPropertyDescriptor(row, column)?.value === groupId;

/**
 * Removes the rows of other groups, and rows that do not name their group, from a handler's reply. It is a
 * second check, in addition to the reach of the handler's context. If rows are removed, the text for people
 * is removed too, because it may name them.
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
