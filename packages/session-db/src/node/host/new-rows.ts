import { decodeMessage } from "../../decisions/decode-outbound.ts";
import type { TransportResult } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";
import type { SessionFile } from "../files/session-file.ts";
import { ackPageOf, ackTables, type AckInbox, type AckPage } from "./ack-inbox.ts";
import { statusesOf, type Seen } from "./deliveries.ts";
import { readFenced } from "./fence.ts";
import { messageColumns, type ReadOutbound } from "./read-outbound.ts";

export type Sides = {
  readonly file: SessionFile;
  readonly read: ReadOutbound;
  readonly token: number;
  /** What was acknowledged is read along with the messages. */
  readonly inbox: AckInbox;
};

/** What is looked for. */
export type Page = { readonly now: string; readonly most: number; readonly except: readonly string[] };

type Rows = {
  readonly kept: readonly Seen[];
  readonly fresh: readonly Seen[];
  /** Kept ones that the container's file no longer has. */
  readonly gone: readonly string[];
};

/** Rows of the container's file, and how the host's rows say that they stand. */
export type Looked = Rows & {
  /** Whether any is open, due or not. */
  readonly hasOpen: boolean;
  readonly statuses: ReadonlyMap<string, string>;
};

/** How far the host has read, and what it keeps open. */
type Position = {
  readonly cursor: number;
  readonly ackCursor: number;
  /** Those that are due. */
  readonly open: readonly string[];
  readonly hasOpen: boolean;
};

/** Looks for what the container sent. */
export type Looker = {
  /** What is open in the host's file, what the container's file has of it and beyond, and how those stand. */
  readonly look: (wanted: Page) => Promise<TransportResult<Looked>>;
  /** The host's file says that it has read up to this one. */
  readonly hasRead: (seq: number) => void;
};

/**
 * Whoever asked something waits for this. So the container's file is read at once, from where the host left off, if
 * nothing was open then. The host's rows are looked at after that, by a transaction which an earlier holder of the
 * lease is refused: where they say otherwise, the container's file is read again, from where they say.
 */
export const outboundLooker = ({ file, read, token, inbox }: Sides): Looker => {
  let left: Position | null = null;

  const inRows = <T>(work: (db: Connection) => T): Promise<TransportResult<T>> =>
    file.transaction(
      "read",
      readFenced(token, (db) => ({ ok: true, value: work(db) })),
    );

  const lookFrom = async (from: Position, wanted: Page): Promise<TransportResult<Found>> => {
    const rows = await readRows(read, from, wanted.most);
    if (!rows.ok) return rows;
    const ids = [...rows.value.kept, ...rows.value.fresh].flatMap(({ id }) => id ?? []);
    const stand = await inRows((db) => ({ now: positionIn(db, wanted), statuses: statusesOf(db, ids) }));
    if (!stand.ok) return stand;
    left = stand.value.now.hasOpen ? null : stand.value.now;
    return { ok: true, value: { ...rows.value, ...stand.value, hasOpen: from.hasOpen } };
  };

  const lookFromRows = async (wanted: Page): Promise<TransportResult<Found>> => {
    const from = await inRows((db) => positionIn(db, wanted));
    return from.ok ? lookFrom(from.value, wanted) : from;
  };

  const lookAtOnce = async (from: Position, wanted: Page): Promise<TransportResult<Found>> => {
    const found = await lookFrom(from, wanted);
    if (found.ok) return isThere(from, found.value.now) ? found : lookFromRows(wanted);
    // Whoever is refused the session hears that, whatever its container wrote.
    const held = await inRows(() => null);
    return held.ok ? found : held;
  };

  return {
    look: async (wanted) => {
      const from =
        left === null ? null : { ...left, ackCursor: Math.max(left.ackCursor, inbox.settledUpTo()) };
      const found = from === null ? await lookFromRows(wanted) : await lookAtOnce(from, wanted);
      if (found.ok && found.value.acks !== null) inbox.see(found.value.acks);
      return found;
    },
    hasRead: (seq) => {
      if (left !== null) left = { ...left, cursor: Math.max(left.cursor, seq) };
    },
  };
};

/** What a look found, and where the host's rows say that it is. */
type Found = Looked & { readonly acks: AckPage | null; readonly now: Position };

/** Whether a position that was taken for granted is right. What was delivered meanwhile is told by its status. */
const isThere = (taken: Position, now: Position): boolean =>
  !now.hasOpen && taken.cursor <= now.cursor && taken.ackCursor === now.ackCursor;

const positionIn = (db: Connection, { now, most, except }: Page): Position => {
  const [host] = db.all<{ outbound_cursor: number; ack_cursor: number }>(
    "select outbound_cursor, ack_cursor from host",
  );
  const position = { cursor: host?.outbound_cursor ?? 0, ackCursor: host?.ack_cursor ?? 0 };
  if (db.all("select 1 from outbound_open limit 1").length === 0)
    return { ...position, open: [], hasOpen: false };
  const open = db.all<{ message_out_id: string }>(
    `select message_out_id from outbound_open where (deliver_after is null or deliver_after <= ?)
      and message_out_id not in (select value from json_each(?)) order by seq limit ?`,
    ...[now, JSON.stringify(except), most],
  );
  return { ...position, open: open.map((row) => row.message_out_id), hasOpen: true };
};

const readRows = async (
  read: ReadOutbound,
  { cursor, ackCursor, open }: Position,
  limit: number,
): Promise<TransportResult<Rows & { readonly acks: AckPage | null }>> => {
  const from = { table: "messages_out", columns: messageColumns, orderBy: "seq", limit };
  const result = await read([
    ...ackTables(ackCursor),
    { ...from, after: { column: "seq", value: cursor } },
    ...(open.length === 0 ? [] : [{ ...from, among: { column: "id", values: open } }]),
  ]);
  if (!result.ok) return result;
  if (result.value.state !== "read")
    return result.value.state === "missing"
      ? { ok: true, value: { kept: [], fresh: [], gone: [], acks: null } }
      : { ok: false, error: { code: "busy", message: result.value.detail } };
  const [acks = [], tool = [], ...messages] = result.value.tables;
  const [fresh = [], kept = []] = messages.map((rows) =>
    rows.map(({ values }) => decodeMessage(values)).filter((row) => row !== null),
  );
  return { ok: true, value: { kept, fresh, gone: goneFrom(open, kept), acks: ackPageOf(acks, tool) } };
};

/** A long answer is cut off at its end, so what comes after the last row that came may still be there. */
const goneFrom = (asked: readonly string[], came: readonly Seen[]): readonly string[] => {
  const last = came.length === 0 ? asked.length : asked.indexOf(came.at(-1)?.id ?? "");
  return asked.slice(0, last).filter((id) => !came.some((row) => row.id === id));
};
