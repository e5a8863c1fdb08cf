import { decodeMessage } from "../../decisions/decode-outbound.ts";
import type { InboundMessage } from "../../messages.ts";
import type { Delivery, HostEnd, TransportResult, Undelivered } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";
import type { SessionFile } from "../files/session-file.ts";
import { ackPageOf, ackTables, type AckInbox } from "./ack-inbox.ts";
import { keepOpen, statusesOf, writeDelivery, type Seen } from "./deliveries.ts";
import { readFenced, writeFenced } from "./fence.ts";
import { insertMessages } from "./messages-in.ts";
import { stampOf } from "../file-stamp.ts";
import { messageColumns, type ReadOutbound } from "./read-outbound.ts";

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
  const { outbound } = sides;
  let seen: readonly Seen[] = [];
  /** How the file looked before it was read; null if that is of no use. */
  let stamp: string | null = null;
  /** Something waits, perhaps for its time. */
  let hasOpen = true;
  /** Begun by this host: what is claimed and not among them, an earlier one left. */
  const claimedHere = new Set<string>();

  const page = async ({ limit, now, except = [] }: Wanted): Promise<TransportResult<Sorted>> => {
    const before = stampOf(outbound);
    stamp = null;
    const wanted = { now, except, most: Math.min(limit, mostAtOnce) };
    const looked = await look(sides, wanted);
    if (!looked.ok) return looked;
    if (!before.isTooFresh) stamp = before.text;
    hasOpen = looked.value.hasOpen || looked.value.fresh.length > 0;
    seen = looked.value.fresh;
    const sorted = sortOut(looked.value, wanted, claimedHere);
    if (sorted.hasToBeNoted) {
      const noted = await note({ deliveries: sorted.givenUp, answers: [] }, now);
      if (!noted.ok) return noted;
    }
    return { ok: true, value: sorted };
  };

  const receive: Outcome["receive"] = async (wanted) => {
    for (;;) {
      const read = await page(wanted);
      if (!read.ok) return read;
      if (!read.value.isPassed) return { ok: true, value: read.value.messages };
    }
  };

  /** Writes how messages ended, and moves the cursor past what was seen. */
  const note = async (noted: Noted, now: string): Promise<TransportResult<null>> => {
    const window = seen;
    const written = await writeDeliveries(sides, noted, window, now);
    if (written.ok && seen === window) seen = [];
    return written;
  };

  return {
    receive,
    mayHaveNews: () => hasOpen || stamp === null || stamp !== stampOf(outbound).text,
    acknowledge: async (deliveries, answers = []) => {
      const [first] = deliveries;
      if (first === undefined) return { ok: true, value: null };
      const noted = await note({ deliveries, answers }, first.at);
      if (noted.ok)
        for (const { id, status } of deliveries) {
          if (status === "claimed") claimedHere.add(id);
          else claimedHere.delete(id);
        }
      return noted;
    },
  };
};

type Noted = { readonly deliveries: readonly Delivery[]; readonly answers: readonly InboundMessage[] };

/** The acknowledgements that were seen with the messages go into the same commit. */
const writeDeliveries = async (
  { file, token, inbox }: Sides,
  { deliveries, answers }: Noted,
  window: readonly Seen[],
  now: string,
): Promise<TransportResult<null>> => {
  const written = await file.transaction(
    "write",
    writeFenced(token, (db) => {
      insertMessages(db, answers);
      for (const delivery of deliveries) writeDelivery(db, delivery);
      keepOpen(db, window);
      return { ok: true, value: inbox.settle(db, now) };
    }),
  );
  if (!written.ok) return written;
  inbox.settled(written.value);
  return { ok: true, value: null };
};

/** What a page comes to. */
type Sorted = {
  readonly messages: readonly Undelivered[];
  /** Those that never will be delivered. */
  readonly givenUp: readonly Delivery[];
  readonly hasToBeNoted: boolean;
  /** The cursor goes past what came, and all of it is for later or not wanted. */
  readonly isPassed: boolean;
};

const sortOut = (
  { kept, fresh, gone, statuses }: Looked,
  { now, most, except }: Page,
  claimedHere: ReadonlySet<string>,
): Sorted => {
  const unwanted = new Set(except);
  const isOver = ({ id, message }: Seen): boolean =>
    message === null ||
    unwanted.has(message.id) ||
    (message.deliverAfter ?? "") > now ||
    isFinal(statuses.get(id ?? ""));
  const rows = [...kept, ...fresh];
  const unusable = rows.flatMap(({ id, message }) => (message === null ? (id ?? []) : []));
  const messages = rows
    .filter((row) => !isOver(row))
    .flatMap(({ message }) => message ?? [])
    .slice(0, most)
    .map((message): Undelivered => {
      const wasClaimed = statuses.get(message.id) === "claimed" && !claimedHere.has(message.id);
      return { ...message, wasClaimed };
    });
  return {
    messages,
    givenUp: [...gone, ...unusable].map((id) => givenUp(id, now)),
    hasToBeNoted: gone.length + unusable.length > 0 || fresh.some(isOver),
    isPassed: fresh.length > 0 && messages.length === 0,
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
