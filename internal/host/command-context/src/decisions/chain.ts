import type { ApprovalRow, DecisionRow } from "@gatehouse/central-database";

/** HMAC-SHA256 of a text under the key of the log, base64url. */
export type Mac = (text: string) => string;

/** A decision without its place in the chain. */
export type Entry = Omit<DecisionRow, "seq" | "mac">;

/** The place of a row: its number from 1 on, and its seal, which depends on all rows before. */
export type ChainLink = { readonly seq: number; readonly mac: string };

/** The end of the chain: the last row, and how many rows were deleted because of their age. */
export type Head = ChainLink & { readonly pruned: number };

/** Rows that were deleted because of their age: the seal of the row before them, and that of the last of them. */
export type Gap = {
  readonly first: number;
  readonly last: number;
  readonly before: string;
  readonly after: string;
};

/** Before the first row. */
export const start: ChainLink = { seq: 0, mac: "" };

/*
 * The bytes that are sealed: JSON of a list of texts, numbers and nulls, so that no two rows have the same. The first text
 * keeps the seal of one kind from being that of another.
 */

/** The seal of the row after `before`. */
export const sealOf = (mac: Mac, before: ChainLink, row: Entry): string =>
  mac(
    JSON.stringify([
      ...["decision", before.mac, before.seq + 1, row.id, row.at, row.actor, row.command, row.args],
      ...[row.effect, row.rule_id, row.reason, row.account],
    ]),
  );

export const sealOfGap = (mac: Mac, { first, last, before, after }: Gap): string =>
  mac(JSON.stringify(["pruned", first, last, before, after]));

export const sealOfHead = (mac: Mac, { seq, mac: last, pruned }: Head): string =>
  mac(JSON.stringify(["head", seq, last, pruned]));

/** What of an answered approval nobody changes any more. A chat may move or be deleted, and a person's name be erased. */
export type AnsweredApproval = Omit<ApprovalRow, "mac" | "messaging_group_id" | "sender_id" | "sender_name">;

/** The seal of an answered approval. It has no place in the chain: the decision of its answer has one. */
export const sealOfApproval = (mac: Mac, row: AnsweredApproval): string =>
  mac(
    JSON.stringify([
      ...["approval", row.approval_id, row.session_id, row.agent_group_id, row.command, row.args, row.shown],
      ...[row.consequence, row.digest, row.scope, row.status, row.created_at, row.expires_at],
      ...[row.answered_by, row.answered_at, row.result, row.kind, row.message_id, row.tool, row.input_hash],
      ...[row.occurrence, row.question_id, row.asked_user_id],
      // What a row lacks at the end is left out.
      ...(row.preview === null ? [] : [row.preview]),
    ]),
  );

/** Joins gaps that have no row between them. */
export const joinGaps = (pieces: readonly Gap[]): readonly Gap[] => {
  const joined: Gap[] = [];
  for (const gap of pieces.toSorted((one, other) => one.first - other.first)) {
    const last = joined.at(-1);
    if (last !== undefined && last.last + 1 === gap.first && last.after === gap.before)
      joined.splice(-1, 1, { ...last, last: gap.last, after: gap.after });
    else joined.push(gap);
  }
  return joined;
};

/** The first row that is not as the host wrote it. */
export type Flaw =
  | { readonly is: "changed" | "added"; readonly id: string; readonly at: string }
  /** The row that this host has seen under this number is gone, and another one of a host has its place. */
  | { readonly is: "replaced"; readonly id: string; readonly at: string; readonly seq: number }
  /** The rows of these numbers. `after` is the id of the row before them; null at the start. */
  | { readonly is: "removed"; readonly seq: number; readonly last: number; readonly after: string | null }
  /** The end of the log that the database has is not that of its rows. */
  | { readonly is: "head" };

/** What a log is checked against. */
export type Known = {
  readonly head: Head;
  /** The last place that this host has seen, in its folder; null if it has seen none. */
  readonly seen: ChainLink | null;
  /** In the order of their places. Those with another seal are left out. */
  readonly gaps: readonly Gap[];
};

export type Walk = {
  /** The next row, by number and then by id. Returns the flaw that ends the walk, or null. */
  readonly row: (row: DecisionRow) => Flaw | null;
  /** After the last row. */
  readonly end: () => Flaw | null;
};

/** Follows the rows of a log from the first to the head. */
export const walkChain = (mac: Mac, { head, seen, gaps }: Known): Walk => {
  let at = start;
  let lastId: string | null = null;
  /** A row of the next number with another seal: changed, or put beside the right one, which may follow. */
  let wrong: DecisionRow | null = null;
  const left = [...gaps];

  /** Goes on over the gaps that follow directly. */
  const passGaps = (): void => {
    for (let [gap] = left; gap !== undefined && gap.first <= at.seq + 1; [gap] = left) {
      left.shift();
      if (gap.first === at.seq + 1 && gap.before === at.mac) at = { seq: gap.last, mac: gap.after };
    }
  };
  /** The rows up to this number, or to the next gap. */
  const removed = (to: number): Flaw => {
    const last = Math.min(to, (left[0]?.first ?? Infinity) - 1);
    return { is: "removed", seq: at.seq + 1, last, after: lastId };
  };
  const flawOf = (is: "changed" | "added", { id, at: time }: DecisionRow): Flaw => ({ is, id, at: time });

  return {
    row: (row) => {
      const seq = row.seq ?? 0;
      if (wrong !== null && seq !== wrong.seq) return flawOf("changed", wrong);
      passGaps();
      if (!Number.isInteger(seq) || seq <= at.seq) return flawOf("added", row);
      const isBeyond = seq > head.seq;
      if (isBeyond && at.seq < head.seq) return removed(head.seq);
      if (seq > at.seq + 1) return isBeyond ? flawOf("added", row) : removed(seq - 1);
      const place = { seq, mac: sealOf(mac, at, row) };
      if (isBeyond) return row.mac === place.mac ? { is: "head" } : flawOf("added", row);
      if (row.mac !== place.mac) {
        wrong ??= row;
        return null;
      }
      if (seen?.seq === seq && seen.mac !== place.mac) return { is: "replaced", id: row.id, at: row.at, seq };
      if (wrong !== null) return flawOf("added", wrong);
      at = place;
      lastId = row.id;
      return null;
    },
    end: () => {
      if (wrong !== null) return flawOf("changed", wrong);
      passGaps();
      const last = Math.max(head.seq, seen?.seq ?? 0);
      if (at.seq < last) return removed(last);
      return at.mac === head.mac ? null : { is: "head" };
    },
  };
};
