import type { HostEnd, TransportResult } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";
import type { SessionFile } from "../files/session-file.ts";
import { readHeartbeat } from "../heartbeat.ts";
import { ackPageOf, ackTables, type AckInbox } from "./ack-inbox.ts";
import { readFenced, writeFenced } from "./fence.ts";
import type { ReadOutbound } from "./read-outbound.ts";
import { releaseClaims } from "./release.ts";
import { markTold, untold } from "./settle.ts";
import { dueAndClaims } from "./due-and-claims.ts";

type Outcome = Pick<HostEnd, "state" | "release"> & {
  /** The container's last heartbeat, as the last `state` tells it from an earlier container's. */
  readonly heartbeat: () => string | null;
};

export type StateOptions = {
  readonly file: SessionFile;
  readonly read: ReadOutbound;
  readonly token: number;
  readonly inbox: AckInbox;
  /** The heartbeat file. */
  readonly heartbeat: string;
};

/** A container that never stops writing keeps no call from its end. */
const mostPages = 20;

/** How a session stands, and what the host does after a container ended. */
export const sessionState = (options: StateOptions): Outcome => {
  const { file, token, inbox } = options;
  let heartbeatBefore: string | null = null;
  const heartbeat = (): string | null => newBeat(options.heartbeat, heartbeatBefore);
  /** Failed messages that the last call told of: the caller came back, so it knows them. */
  let told: readonly string[] = [];
  let askedUntold = false;

  /** Takes over what is in the inbox and who was told, with further work in the same transaction. */
  const write: Write = async (now, work) => {
    const marked = told;
    const written = await file.transaction(
      "write",
      writeFenced(token, (db) => {
        markTold(db, marked);
        return { ok: true, value: { settled: inbox.settle(db, now), found: work(db) } };
      }),
    );
    if (!written.ok) return written;
    inbox.settled(written.value.settled);
    told = told.filter((id) => !marked.includes(id));
    return { ok: true, value: written.value.found };
  };

  const state: Outcome["state"] = async (now, from) => {
    const taken = await takeOver(options, write, { now, isSeen: from === "as-received" });
    if (!taken.ok) return taken;
    const look = (db: Connection, acks = inbox.page().acks) => ({
      ...dueAndClaims(db, now, acks),
      missed: askedUntold ? [] : untold(db),
    });
    const found =
      inbox.hasToBeWritten() || told.length > 0
        ? await write(now, (db) => look(db, []))
        : await file.transaction(
            "read",
            readFenced(token, (db) => ({ ok: true, value: look(db) })),
          );
    if (!found.ok) return found;
    askedUntold = true;
    const { missed, heartbeatBefore: earlier, ...rest } = found.value;
    heartbeatBefore = earlier;
    const news = inbox.takeEnded();
    const ended = [...news, ...missed.filter(({ id }) => !news.some((known) => known.id === id))];
    told = ended.filter(({ status }) => status === "failed").map(({ id }) => id);
    const { tool } = inbox.page();
    return { ok: true, value: { ...rest, tool, ended, heartbeat: heartbeat() } };
  };

  const release: Outcome["release"] = async (how) => {
    // What it ended with counts, if it can be read. A file that cannot holds nothing up: its next writer mends it.
    const taken = await takeOver(options, write, { now: how.now, isSeen: false });
    if (!taken.ok && taken.error.code !== "unreadable") return taken;
    const released = await write(how.now, (db) => releaseClaims(db, how));
    if (released.ok) told = [...told, ...released.value.map(({ id }) => id)];
    return released;
  };
  return { state, release, heartbeat };
};

/** A write transaction that also takes over what is in the inbox. */
type Write = <T>(now: string, work: (db: Connection) => T) => Promise<TransportResult<T>>;

/** Sees all that is new in the container's file. Of many pages, the last one waits in the inbox. */
const takeOver = async (
  options: StateOptions,
  write: Write,
  { now, isSeen }: { readonly now: string; readonly isSeen: boolean },
): Promise<TransportResult<null>> => {
  const seen = isSeen ? done : await seeAcks(options);
  if (!seen.ok) return seen;
  for (let page = 1; options.inbox.page().isFull && page < mostPages; page += 1) {
    const written = await write(now, () => null);
    if (!written.ok) return written;
    const next = await seeAcks(options);
    if (!next.ok) return next;
  }
  return done;
};

const newBeat = (file: string, before: string | null): string | null => {
  const beat = readHeartbeat(file);
  return beat === before ? null : beat;
};

const done: TransportResult<null> = { ok: true, value: null };

/** Reads what is behind the cursor into the inbox. A file that is missing or busy has nothing new. */
const seeAcks = async ({ file, read, token, inbox }: StateOptions): Promise<TransportResult<null>> => {
  const cursor = await file.transaction(
    "read",
    readFenced(token, (db) => ({ ok: true, value: ackCursor(db) })),
  );
  if (!cursor.ok) return cursor;
  const found = await read(ackTables(cursor.value));
  if (!found.ok) return found;
  if (found.value.state !== "read") return done;
  const [acks = [], tool = []] = found.value.tables;
  inbox.see(ackPageOf(acks, tool));
  return done;
};

const ackCursor = (db: Connection): number =>
  db.all<{ ack_cursor: number }>("select ack_cursor from host")[0]?.ack_cursor ?? 0;
