import { setTimeout as wait } from "node:timers/promises";
import type { ForeignRead, ForeignReader, ForeignReadError, ForeignReadRow } from "@gatehouse/sqlite";
import { outboundSchema } from "../../schema/outbound-schema.ts";
import { schemaTexts } from "../../schema/schema.ts";
import type { TransportResult } from "../../transport.ts";

export type OutboundLimits = {
  /** A larger outbound.db is not read, bytes. */
  readonly maxOutboundBytes: number;
  /** A message with a longer text cannot be used, bytes. */
  readonly maxTextBytes: number;
};

/** Rows of the container's file, or why there are none: it is not made yet, or its writer is in a commit. */
export type OutboundRows =
  | { readonly state: "read"; readonly tables: readonly (readonly ForeignReadRow[])[] }
  | { readonly state: "missing" | "busy"; readonly detail: string };

export type ReadOutbound = (tables: ForeignRead["tables"]) => Promise<TransportResult<OutboundRows>>;

const schema = schemaTexts(outboundSchema);

/** Pauses before a file is read again whose writer ends a commit, ms. */
const pauses: readonly number[] = [1, 2, 4, 8];

/** Reads the container's file through the port for foreign files. */
export const outboundReader =
  (reader: ForeignReader, file: string, { maxOutboundBytes, maxTextBytes }: OutboundLimits): ReadOutbound =>
  async (tables) => {
    const wanted = { file, schema, maxBytes: maxOutboundBytes, maxTextBytes, tables };
    let read = await reader.read(wanted);
    for (const ms of pauses) {
      if (read.ok || read.error.code !== "busy") break;
      await wait(ms);
      read = await reader.read(wanted);
    }
    return read.ok ? { ok: true, value: { state: "read", tables: read.value } } : refused(file, read.error);
  };

const refused = (file: string, { code, detail }: ForeignReadError): TransportResult<OutboundRows> => {
  if (code === "missing" || code === "busy") return { ok: true, value: { state: code, detail } };
  if (code === "closed") return { ok: false, error: { code: "closed", message: "The reader is closed." } };
  return { ok: false, error: { code: "unreadable", message: `${file}: ${code}: ${detail}` } };
};

export const messageColumns: readonly string[] = [
  ...["id", "seq", "in_reply_to", "timestamp", "deliver_after", "kind"],
  ...["platform_id", "channel_type", "thread_id", "content"],
];
