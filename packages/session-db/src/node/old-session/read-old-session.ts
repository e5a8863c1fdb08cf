import type { ForeignRead, ForeignReader, ForeignReadRow } from "@gatehouse/sqlite";
import { fail, ok, type Result } from "@gatehouse/std";
import { inboundSchema } from "../../schema/inbound-schema.ts";
import { outboundSchema } from "../../schema/outbound-schema.ts";
import { schemaTexts } from "../../schema/schema.ts";
import { oldPaths } from "./old-paths.ts";

/** The rows of the two files in which a session was kept before it moved into the host's database. */
export type OldFiles = {
  readonly messagesIn: readonly Row[];
  /** The latest ended messages: only their senders, no text. */
  readonly endedIn: readonly Row[];
  readonly delivered: readonly Row[];
  /** Messages of the agent, from the first that the host had not ended. */
  readonly messagesOut: readonly Row[];
  /** Ids of messages of the agent that the host had seen but not ended. */
  readonly open: readonly Row[];
  readonly acks: readonly Row[];
  readonly values: readonly Row[];
  /**
   * The highest number of the agent's messages, and the highest change of its acknowledgements, that the host
   * had read.
   */
  readonly host: Row | null;
  readonly identity: Row | null;
};

type Row = ForeignReadRow["values"];
type Table = ForeignRead["tables"][number];
type File = Pick<ForeignRead, "file" | "schema" | "maxBytes" | "maxTextBytes">;

/** Bytes of a file. The build that used files refused a larger one too. */
const maxBytes = 4 * 2 ** 30;
/** Bytes of a text: a message of a person may be as long as the channel allows. */
const maxTextBytes = 16 * 2 ** 20;
/** Rows of one read. */
const limit = 1_000;
/** Ended messages whose senders are kept, so that a late answer to one of them still reaches its sender. */
const mostEnded = 1_000;
/** No real session had more rows in one table. */
const mostRows = 200_000;

/**
 * Reads a session's files in a child process, because an agent could have written them. Null if there are
 * none. The error is a sentence.
 */
export const readOldSession = async (
  folder: string,
  reader: ForeignReader,
): Promise<Result<OldFiles | null, string>> => {
  const { inbound, outbound } = oldPaths(folder);
  const limits = { maxBytes, maxTextBytes };
  const inFile = { file: inbound, schema: schemaTexts(inboundSchema), ...limits };
  const outFile = { file: outbound, schema: schemaTexts(outboundSchema), ...limits };
  const read = async (file: File, tables: readonly Table[]) => allRows(reader, file, tables);
  const there = await read(inFile, inTables);
  if (!there.ok) return there.error.code === "missing" ? ok(null) : fail(sentence(inbound, there.error));
  const [messagesIn = [], endedIn = [], delivered = [], open = [], hosts = [], identities = []] = there.value;
  const host = hosts[0] ?? null;
  const first = Math.min(
    ...[...open.map(({ seq }) => Number(seq)), Number(host?.["outbound_cursor"] ?? 0) + 1],
  );
  const out = await read(outFile, outTables(first - 1, Number(host?.["ack_cursor"] ?? 0)));
  // A session whose agent never ran has no outbound file.
  if (!out.ok && out.error.code !== "missing") return fail(sentence(outbound, out.error));
  const [messagesOut = [], acks = [], values = []] = out.ok ? out.value : [];
  return ok({
    ...{ messagesIn, endedIn: endedIn.slice(-mostEnded), delivered, open, messagesOut, acks, values, host },
    identity: identities[0] ?? null,
  });
};

const sentence = (
  file: string,
  { code, detail }: { readonly code: string; readonly detail: string },
): string => `${file}: ${code}: ${detail}`;

const address = ["channel_type", "platform_id", "thread_id"];

const inTables: readonly Table[] = [
  {
    table: "messages_in",
    columns: [
      ...["id", "seq", "kind", "timestamp", "content", "source_session_id", "trigger", "on_wake"],
      ...["wake_incarnation", "process_after", "tries", "status", "reason", "told", ...address],
    ],
    where: [["status", "=", "pending"]],
    orderBy: "seq",
    limit,
  },
  {
    table: "messages_in",
    columns: [
      ...[
        "id",
        "seq",
        "kind",
        "timestamp",
        "source_session_id",
        "tries",
        "status",
        "reason",
        "told",
        ...address,
      ],
    ],
    where: [["status", "<>", "pending"]],
    orderBy: "seq",
    limit,
  },
  {
    table: "delivered",
    columns: ["message_out_id", "platform_message_id", "status", "delivered_at"],
    orderBy: "message_out_id",
    limit,
  },
  { table: "outbound_open", columns: ["message_out_id", "seq"], orderBy: "seq", limit },
  { table: "host", columns: ["id", "token", "outbound_cursor", "ack_cursor"], orderBy: "id", limit },
  { table: "identity", columns: ["id", "incarnation"], orderBy: "id", limit },
];

const outTables = (afterSeq: number, afterChange: number): readonly Table[] => [
  {
    table: "messages_out",
    columns: ["id", "seq", "in_reply_to", "kind", "timestamp", "content", "deliver_after", ...address],
    after: { column: "seq", value: afterSeq },
    orderBy: "seq",
    limit,
  },
  {
    table: "processing_ack",
    columns: ["message_id", "status", "status_changed", "incarnation", "reason", "change"],
    after: { column: "change", value: afterChange },
    orderBy: "change",
    limit,
  },
  { table: "session_state", columns: ["key", "value", "updated_at"], orderBy: "key", limit },
];

type ReadError = { readonly code: string; readonly detail: string };

/** All rows of these tables, page by page: one answer has about a megabyte. */
const allRows = async (
  reader: ForeignReader,
  file: File,
  tables: readonly Table[],
): Promise<Result<readonly (readonly Row[])[], ReadError>> => {
  const all: (readonly Row[])[] = [];
  for (const table of tables) {
    const rows: Row[] = [];
    for (let page = table; rows.length < mostRows;) {
      const read = await patiently(reader, { ...file, tables: [page] });
      if (!read.ok) return read;
      const more = read.value[0] ?? [];
      rows.push(...more.map(({ values }) => values));
      const last = more.at(-1)?.values[table.orderBy];
      if (typeof last !== "number" && typeof last !== "string") break;
      page = { ...table, after: { column: table.orderBy, value: last } };
    }
    all.push(rows);
  }
  return ok(all);
};

/** How often to retry a file whose writer is in a commit: its agent has just been stopped. */
const mostTries = 50;

const patiently = async (
  reader: ForeignReader,
  wanted: ForeignRead,
): Promise<Awaited<ReturnType<ForeignReader["read"]>>> => {
  for (let tries = 1; ; tries += 1) {
    const read = await reader.read(wanted);
    if (read.ok || read.error.code !== "busy" || tries === mostTries) return read;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
