import { decodeMessage } from "../../decisions/decode-outbound.ts";
import type { ReceivedOutbound } from "../../messages.ts";
import type { Delivery, HostEnd, TransportResult, Undelivered } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";
import type { SessionFile } from "../files/session-file.ts";
import { ackPageOf, ackTables, type AckInbox } from "./ack-inbox.ts";
import { readFenced, writeFenced } from "./fence.ts";
import { stampOf } from "../file-stamp.ts";
import { messageColumns, type ReadOutbound } from "./read-outbound.ts";

/** A message beyond the cursor, or a row that is none. */
type Seen = { readonly id: string | null; readonly seq: number; readonly message: ReceivedOutbound | null };

type Outcome = Pick<HostEnd, "receive" | "acknowledge"> & {
  /** Whether the container's file may differ from what the last `receive` saw. */
  readonly mayHaveNews: () => boolean;
};
type Wanted = Parameters<HostEnd["receive"]>[0];

/** The most messages that one call reads. */
const mostAtOnce = 50;

/**
 * What the container sent, from a cursor on. The cursor goes past a message once it is delivered, failed or
 * kept in `outbound_open`, so neither a late message nor history makes a call longer.
 */
export const outboundMessages = (sides: Sides): Outcome => {
  const { file, token, inbox, outbound } = sides;
  let seen: readonly Seen[] = [];
  /** How the file looked before it was read; null if that is of no use. */
  let stamp: string | null = null;
  /** Something waits, perhaps for its time. */
  let hasOpen = true;
  /** Begun by this host: what is claimed and not among them, an earlier one left. */
  const claimedHere = new Set<string>();

  /** One page. `isPassed`: the cursor went past what came, and all of it was for later or not wanted. */
  const page = async ({
    limit,
    now,
    except = [],
  }: Wanted): Promise<
    TransportResult<{ readonly messages: readonly Undelivered[]; readonly isPassed: boolean }>
  > => {
    const most = Math.min(limit, mostAtOnce);
    const before = stampOf(outbound);
    stamp = null;
    const looked = await look(sides, { now, most, except });
    if (!looked.ok) return looked;
    if (!before.isTooFresh) stamp = before.text;
    hasOpen = looked.value.hasOpen || looked.value.fresh.length > 0;
    const { kept, fresh, gone, statuses } = looked.value;
    seen = fresh;
    const unwanted = new Set(except);
    const isOver = ({ id, message }: Seen): boolean =>
      message === null ||
      unwanted.has(message.id) ||
      (message.deliverAfter ?? "") > now ||
      isFinal(statuses.get(id ?? ""));
    const unusable = [...kept, ...fresh].flatMap(({ id, message }) => (message === null ? (id ?? []) : []));
    if (gone.length + unusable.length > 0 || fresh.some(isOver)) {
      const noted = await note(
        [...gone, ...unusable].map((id) => givenUp(id, now)),
        now,
      );
      if (!noted.ok) return noted;
    }
    const messages = [...kept, ...fresh]
      .filter((row) => !isOver(row))
      .flatMap(({ message }) => message ?? [])
      .slice(0, most)
      .map((message): Undelivered => {
        const wasClaimed = statuses.get(message.id) === "claimed" && !claimedHere.has(message.id);
        return { ...message, wasClaimed };
      });
    return { ok: true, value: { messages, isPassed: fresh.length > 0 && messages.length === 0 } };
  };

  const receive: Outcome["receive"] = async (wanted) => {
    for (;;) {
      const read = await page(wanted);
      if (!read.ok) return read;
      if (!read.value.isPassed) return { ok: true, value: read.value.messages };
    }
  };

  /**
   * Writes how messages ended, and moves the cursor past what was seen. The acknowledgements that were seen
   * with them go into the same commit.
   */
  const note = async (deliveries: readonly Delivery[], now: string): Promise<TransportResult<null>> => {
    const window = seen;
    const noted = await file.transaction(
      "write",
      writeFenced(token, (db) => {
        for (const delivery of deliveries) writeDelivery(db, delivery);
        keepOpen(db, window);
        return { ok: true, value: inbox.settle(db, now) };
      }),
    );
    if (!noted.ok) return noted;
    if (seen === window) seen = [];
    inbox.settled(noted.value);
    return { ok: true, value: null };
  };

  return {
    receive,
    mayHaveNews: () => hasOpen || stamp === null || stamp !== stampOf(outbound).text,
    acknowledge: async (deliveries) => {
      const [first] = deliveries;
      if (first === undefined) return { ok: true, value: null };
      const noted = await note(deliveries, first.at);
      if (noted.ok)
        for (const { id, status } of deliveries) {
          if (status === "claimed") claimedHere.add(id);
          else claimedHere.delete(id);
        }
      return noted;
    },
  };
};

const isFinal = (status: string | undefined): boolean => status === "delivered" || status === "failed";

const givenUp = (id: string, at: string): Delivery => ({ id, status: "failed", platformMessageId: null, at });

type Sides = {
  readonly file: SessionFile;
  readonly read: ReadOutbound;
  readonly token: number;
  /** What was acknowledged is read along with the messages. */
  readonly inbox: AckInbox;
  /** The container's file. */
  readonly outbound: string;
};
type Looked = Rows & { readonly hasOpen: boolean; readonly statuses: ReadonlyMap<string, string> };

/** What is open in the host's file, what the container's file has of it and beyond, and how those stand. */
const look = async ({ file, read, token, inbox }: Sides, wanted: Page): Promise<TransportResult<Looked>> => {
  const before = await file.transaction(
    "read",
    readFenced(token, (db) => ({ ok: true, value: openMessages(db, wanted) })),
  );
  if (!before.ok) return before;
  const rows = await readRows({ read, inbox }, before.value, wanted.most);
  if (!rows.ok) return rows;
  const { hasOpen } = before.value;
  if (rows.value.kept.length + rows.value.fresh.length === 0)
    return { ok: true, value: { ...rows.value, hasOpen, statuses: new Map() } };
  const ids = [...rows.value.kept, ...rows.value.fresh].flatMap(({ id }) => id ?? []);
  return file.transaction(
    "read",
    readFenced(token, (db) => ({
      ok: true,
      value: { ...rows.value, hasOpen, statuses: statusesOf(db, ids) },
    })),
  );
};

type Before = {
  readonly cursor: number;
  readonly ackCursor: number;
  /** Those that are due. */
  readonly open: readonly string[];
  /** Whether there are any, due or not. */
  readonly hasOpen: boolean;
};

type Page = { readonly now: string; readonly most: number; readonly except: readonly string[] };

const openMessages = (db: Connection, { now, most, except }: Page): Before => {
  const [host] = db.all<{ outbound_cursor: number; ack_cursor: number }>(
    "select outbound_cursor, ack_cursor from host",
  );
  const open = db.all<{ message_out_id: string }>(
    `select message_out_id from outbound_open where (deliver_after is null or deliver_after <= ?)
      and message_out_id not in (select value from json_each(?)) order by seq limit ?`,
    ...[now, JSON.stringify(except), most],
  );
  return {
    cursor: host?.outbound_cursor ?? 0,
    ackCursor: host?.ack_cursor ?? 0,
    open: open.map((row) => row.message_out_id),
    hasOpen: db.all("select 1 from outbound_open limit 1").length > 0,
  };
};

type Rows = {
  readonly kept: readonly Seen[];
  readonly fresh: readonly Seen[];
  /** Kept ones that the container's file no longer has. */
  readonly gone: readonly string[];
};

const readRows = async (
  { read, inbox }: Pick<Sides, "read" | "inbox">,
  { cursor, ackCursor, open }: Omit<Before, "hasOpen">,
  limit: number,
): Promise<TransportResult<Rows>> => {
  const from = { table: "messages_out", columns: messageColumns, orderBy: "seq", limit };
  const result = await read([
    ...ackTables(ackCursor),
    { ...from, after: { column: "seq", value: cursor } },
    ...(open.length === 0 ? [] : [{ ...from, among: { column: "id", values: open } }]),
  ]);
  if (!result.ok) return result;
  if (result.value.state !== "read")
    return result.value.state === "missing"
      ? { ok: true, value: { kept: [], fresh: [], gone: [] } }
      : { ok: false, error: { code: "busy", message: result.value.detail } };
  const [acks = [], tool = [], ...messages] = result.value.tables;
  inbox.see(ackPageOf(acks, tool));
  const [fresh = [], kept = []] = messages.map((rows) =>
    rows.map(({ values }) => decodeMessage(values)).filter((row) => row !== null),
  );
  return { ok: true, value: { kept, fresh, gone: goneFrom(open, kept) } };
};

/** A long answer is cut off at its end, so what comes after the last row that came may still be there. */
const goneFrom = (asked: readonly string[], came: readonly Seen[]): readonly string[] => {
  const last = came.length === 0 ? asked.length : asked.indexOf(came.at(-1)?.id ?? "");
  return asked.slice(0, last).filter((id) => !came.some((row) => row.id === id));
};

const statusesOf = (db: Connection, ids: readonly string[]): ReadonlyMap<string, string> => {
  const statuses = new Map<string, string>();
  for (const id of ids) {
    const [row] = db.all<{ status: string }>("select status from delivered where message_out_id = ?", id);
    if (row !== undefined) statuses.set(id, row.status);
  }
  return statuses;
};

/** What is delivered or has failed stays so. */
const writeDelivery = (db: Connection, { id, status, platformMessageId, at }: Delivery): void => {
  db.run(
    `insert into delivered (message_out_id, platform_message_id, status, delivered_at) values (?, ?, ?, ?)
      on conflict (message_out_id) do update set platform_message_id = excluded.platform_message_id,
        status = excluded.status, delivered_at = excluded.delivered_at where status = 'claimed'`,
    ...[id, platformMessageId, status, at],
  );
  if (status !== "claimed") db.run("delete from outbound_open where message_out_id = ?", id);
};

/** Keeps what has not ended, and moves the cursor past all of it. */
const keepOpen = (db: Connection, window: readonly Seen[]): void => {
  const last = window.at(-1);
  if (last === undefined) return;
  for (const { id, seq, message } of window) {
    if (message === null) continue;
    db.run(
      `insert into outbound_open select ?, ?, ? where not exists
        (select 1 from delivered where message_out_id = ? and status <> 'claimed')
        on conflict (message_out_id) do nothing`,
      ...[id, seq, message.deliverAfter, id],
    );
  }
  db.run("update host set outbound_cursor = max(outbound_cursor, ?)", last.seq);
};
