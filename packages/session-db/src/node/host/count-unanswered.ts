import type { ForeignReader } from "@gatehouse/sqlite";
import { time } from "../../decisions/decode-outbound.ts";
import { inboundSchema } from "../../schema/inbound-schema.ts";
import { schemaTexts } from "../../schema/schema.ts";
import type { TransportResult } from "../../transport.ts";
import { pathsOf } from "../paths.ts";

const [maxBytes, maxTextBytes] = [2 ** 32, 100];

/** More are counted as so many. */
const most = 10_000;

/** The index `messages_in_next` has just these, in the order of `seq`. */
const unanswered = [
  ["trigger", "=", 1],
  ["status", "=", "pending"],
  ["kind", "<>", "system"],
] as const;

/**
 * How many messages of a session want an answer and have none, those in work among them, and since when the
 * oldest of them does (ISO 8601, UTC). It needs no host and disturbs none: the file is read as a foreign one,
 * since a process of the container's account could have written it. A session that has no file has none.
 */
export const countUnanswered = async (
  folder: string,
  reader: ForeignReader,
): Promise<TransportResult<{ readonly count: number; readonly oldest: string | null }>> => {
  const { inbound: file } = pathsOf(folder);
  const schema = schemaTexts(inboundSchema);
  const columns = ["timestamp"];
  const tables = [{ table: "messages_in", columns, where: unanswered, orderBy: "seq", limit: most }];
  const read = await reader.read({ file, schema, maxBytes, maxTextBytes, tables });
  if (!read.ok && read.error.code === "missing") return { ok: true, value: { count: 0, oldest: null } };
  if (!read.ok) return { ok: false, error: { code: "unreadable", message: `${file}: ${read.error.detail}` } };
  const [open = []] = read.value;
  const times = open.flatMap(({ values }) => time(values["timestamp"]) ?? []);
  return { ok: true, value: { count: open.length, oldest: times.toSorted()[0] ?? null } };
};
