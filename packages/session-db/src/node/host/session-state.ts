import { decodeAck, text, time, wholeNumber, type Ack } from "../../decisions/decode-outbound.ts";
import type { HostEnd, SessionState, TransportResult } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";
import type { SessionFile } from "../files/session-file.ts";
import { readHeartbeat } from "../heartbeat.ts";
import { readFenced, writeFenced } from "./fence.ts";
import type { ReadOutbound } from "./read-outbound.ts";
import { releaseClaims } from "./release.ts";
import { markTold, settle, untold } from "./settle.ts";

type Outcome = Pick<HostEnd, "state" | "release">;
type Ended = SessionState["ended"][number];

export type StateOptions = {
  readonly file: SessionFile;
  readonly read: ReadOutbound;
  readonly token: number;
  /** The heartbeat file. */
  readonly heartbeat: string;
};

/** The most acknowledgements that are taken in one transaction. */
const mostAtOnce = 200;
/** A container that never stops writing keeps no call from its end. */
const mostPages = 20;

/** How a session stands, and what the host does after a container ended. */
export const sessionState = ({ file, read, token, heartbeat }: StateOptions): Outcome => {
  /** Ended, and not told yet: `release` found them. */
  let news: readonly Ended[] = [];
  /** Failed messages that the last call told of: the caller came back, so it knows them. */
  let told: readonly string[] = [];
  let askedUntold = false;

  const takeOver = async (now: string): Promise<TransportResult<SessionState["tool"]>> => {
    for (let page = 1; ; page += 1) {
      const taken = await takePage({ file, read, token }, told, now);
      if (!taken.ok) return taken;
      if (taken.value.ended !== null) told = [];
      news = [...news, ...(taken.value.ended ?? [])];
      if (!taken.value.isFull || page === mostPages) return { ok: true, value: taken.value.tool };
    }
  };

  const state: Outcome["state"] = async (now) => {
    const taken = await takeOver(now);
    if (!taken.ok) return taken;
    if (told.length > 0) {
      const marked = await writeTold({ file, token }, told);
      if (!marked.ok) return marked;
      told = [];
    }
    const found = await file.transaction(
      "read",
      readFenced(token, (db) => ({
        ok: true,
        value: { ...standing(db, now), missed: askedUntold ? [] : untold(db) },
      })),
    );
    if (!found.ok) return found;
    askedUntold = true;
    const { missed, heartbeatBefore, ...rest } = found.value;
    const ended = [...news, ...missed.filter(({ id }) => !news.some((known) => known.id === id))];
    news = [];
    told = ended.filter(({ status }) => status === "failed").map(({ id }) => id);
    const beat = readHeartbeat(heartbeat);
    return {
      ok: true,
      value: { ...rest, tool: taken.value, ended, heartbeat: beat === heartbeatBefore ? null : beat },
    };
  };

  const release: Outcome["release"] = async (options) => {
    // What it ended with counts, if it can be read. A file that cannot holds nothing up: its next writer mends it.
    const taken = await takeOver(options.now);
    if (!taken.ok && taken.error.code !== "unreadable") return taken;
    const released = await file.transaction(
      "write",
      writeFenced(token, (db) => ({ ok: true, value: releaseClaims(db, options) })),
    );
    if (released.ok) told = [...told, ...released.value.map(({ id }) => id)];
    return released;
  };
  return { state, release };
};

type Taken = {
  /** What ended; null if nothing was written. */
  readonly ended: readonly Ended[] | null;
  readonly isFull: boolean;
  readonly tool: SessionState["tool"];
};

/** Takes over what is new in the container's file. A file that is missing or busy has nothing new. */
const takePage = async (
  { file, read, token }: Omit<StateOptions, "heartbeat">,
  told: readonly string[],
  now: string,
): Promise<TransportResult<Taken>> => {
  const cursor = await file.transaction(
    "read",
    readFenced(token, (db) => ({ ok: true, value: ackCursor(db) })),
  );
  if (!cursor.ok) return cursor;
  const found = await readPage(read, cursor.value);
  if (!found.ok) return found;
  const { acks, upTo, isFull, tool } = found.value;
  if (upTo === null) return { ok: true, value: { ended: null, isFull: false, tool } };
  return file.transaction(
    "write",
    writeFenced(token, (db) => {
      markTold(db, told);
      return { ok: true, value: { ended: settle(db, acks, upTo, now), isFull, tool } };
    }),
  );
};

const writeTold = (
  { file, token }: Pick<StateOptions, "file" | "token">,
  ids: readonly string[],
): Promise<TransportResult<null>> =>
  file.transaction(
    "write",
    writeFenced(token, (db) => {
      markTold(db, ids);
      return { ok: true, value: null };
    }),
  );

const ackCursor = (db: Connection): number =>
  db.all<{ ack_cursor: number }>("select ack_cursor from host")[0]?.ack_cursor ?? 0;

type Page = {
  readonly acks: readonly Ack[];
  /** The last change number; null without any. */
  readonly upTo: number | null;
  readonly isFull: boolean;
  readonly tool: SessionState["tool"];
};

const readPage = async (read: ReadOutbound, cursor: number): Promise<TransportResult<Page>> => {
  const result = await read([
    {
      table: "processing_ack",
      columns: ["message_id", "status", "status_changed", "incarnation", "reason", "change"],
      after: { column: "change", value: cursor },
      orderBy: "change",
      limit: mostAtOnce,
    },
    {
      table: "container_state",
      columns: ["current_tool", "tool_declared_timeout_ms", "tool_started_at"],
      orderBy: "id",
      limit: 1,
    },
  ]);
  if (!result.ok) return result;
  if (result.value.state !== "read")
    return { ok: true, value: { acks: [], upTo: null, isFull: false, tool: null } };
  const [rows = [], [tool] = []] = result.value.tables;
  const decoded = rows.map(({ values }) => decodeAck(values)).filter((row) => row !== null);
  return {
    ok: true,
    value: {
      acks: decoded.flatMap(({ ack }) => ack ?? []),
      upTo: decoded.at(-1)?.change ?? null,
      isFull: rows.length === mostAtOnce,
      tool: toolOf(tool?.values ?? {}),
    },
  };
};

const toolOf = (values: Readonly<Record<string, string | number | bigint | null>>): SessionState["tool"] => {
  const [name, startedAt] = [text(values["current_tool"]), time(values["tool_started_at"])];
  if (name === null || startedAt === null) return null;
  return { name, startedAt, timeoutMs: wholeNumber(values["tool_declared_timeout_ms"]) };
};

const isDue = `status = 'pending' and kind <> 'system' and trigger = 1
  and not exists (select 1 from claims c where c.message_id = messages_in.id)`;

const standing = (db: Connection, now: string) => {
  const [identity] = db.all<{ heartbeat_before: string | null }>("select heartbeat_before from identity");
  const [due] = db.all<{ count: number }>(
    `select count(*) as count from messages_in where ${isDue} and (process_after is null or process_after <= ?)`,
    now,
  );
  const [next] = db.all<{ at: string | null }>(
    "select min(process_after) as at from messages_in where status = 'pending' and trigger = 1 and process_after > ?",
    now,
  );
  return {
    claims: db.all<SessionState["claims"][number]>(
      "select message_id as id, since, incarnation from claims order by since, message_id",
    ),
    due: due?.count ?? 0,
    nextDueAt: next?.at ?? null,
    heartbeatBefore: identity?.heartbeat_before ?? null,
  };
};
