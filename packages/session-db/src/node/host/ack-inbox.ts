import type { ForeignRead, ForeignReadRow } from "@gatehouse/sqlite";
import { decodeAck, text, time, wholeNumber, type Ack } from "../../decisions/decode-outbound.ts";
import type { SessionState } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";
import { settle, type Ended } from "./settle.ts";

/** Acknowledgements behind the host's cursor, as one read of the container's file found them. */
export type AckPage = {
  readonly acks: readonly Ack[];
  /** The last change number; null without any. */
  readonly upTo: number | null;
  readonly isFull: boolean;
  readonly tool: SessionState["tool"];
};

/** The most acknowledgements that are taken in one transaction. */
const mostAtOnce = 200;

/** What a read of the container's file asks for, to see what is behind the cursor. */
export const ackTables = (cursor: number): ForeignRead["tables"] => [
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
];

/** What came of it. */
export const ackPageOf = (rows: readonly ForeignReadRow[], [tool]: readonly ForeignReadRow[]): AckPage => {
  const decoded = rows.map(({ values }) => decodeAck(values)).filter((row) => row !== null);
  return {
    acks: decoded.flatMap(({ ack }) => ack ?? []),
    upTo: decoded.at(-1)?.change ?? null,
    isFull: rows.length === mostAtOnce,
    tool: toolOf(tool?.values ?? {}),
  };
};

const toolOf = (values: ForeignReadRow["values"]): SessionState["tool"] => {
  const [name, startedAt] = [text(values["current_tool"]), time(values["tool_started_at"])];
  if (name === null || startedAt === null) return null;
  return { name, startedAt, timeoutMs: wholeNumber(values["tool_declared_timeout_ms"]) };
};

/** What a transaction took over: `AckInbox.settled` gets it after the commit. */
export type Settled = { readonly page: AckPage; readonly ended: readonly Ended[] };

/**
 * What the container acknowledged and the host's rows do not say yet. A claim alone is worth no commit: it stays
 * here until something is written anyway. A host that ends before finds it again, behind its cursor.
 */
export type AckInbox = {
  /** Takes in what a read found. It has all that the last one had. */
  readonly see: (page: AckPage) => void;
  readonly page: () => AckPage;
  /** Whether a message has ended, or its claim has no time of its own. */
  readonly hasToBeWritten: () => boolean;
  /** Takes all of it into the host's rows, within a transaction. */
  readonly settle: (db: Connection, now: string) => Settled;
  readonly settled: (settled: Settled) => void;
  /** The last change number that was taken into the host's rows. */
  readonly settledUpTo: () => number;
  /** Those that ended since the last call. */
  readonly takeEnded: () => readonly Ended[];
};

const nothing: AckPage = { acks: [], upTo: null, isFull: false, tool: null };

export const ackInbox = (): AckInbox => {
  let page = nothing;
  let ended: readonly Ended[] = [];
  let settledUpTo = 0;
  return {
    see: (found) => (page = found),
    page: () => page,
    hasToBeWritten: () =>
      page.isFull ||
      (page.upTo !== null && page.acks.length === 0) ||
      page.acks.some(({ status, since }) => status !== "processing" || since === null),
    settle: (db, now) => ({
      page,
      ended: page.upTo === null ? [] : settle(db, page.acks, page.upTo, now),
    }),
    settled: (settled) => {
      ended = [...ended, ...settled.ended];
      settledUpTo = Math.max(settledUpTo, settled.page.upTo ?? 0);
      if (page === settled.page) page = { ...nothing, tool: page.tool };
    },
    settledUpTo: () => settledUpTo,
    takeEnded: () => {
      const taken = ended;
      ended = [];
      return taken;
    },
  };
};
