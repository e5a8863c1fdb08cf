import type { ForeignReader } from "@gatehouse/sqlite";
import type { TransportResult } from "../../transport.ts";
import { maxOutboundBytes } from "../limits.ts";
import { pathsOf } from "../paths.ts";
import { outboundReader } from "./read-outbound.ts";

/**
 * Whether a host can read what the container of a session wrote; the error says why not. It needs no host and
 * disturbs none. One that has no file yet, or is in a commit, is well.
 */
export const checkOutbound = async (
  folder: string,
  reader: ForeignReader,
  maxBytes: number = maxOutboundBytes,
): Promise<TransportResult<null>> => {
  const limits = { maxOutboundBytes: maxBytes, maxTextBytes: 0 };
  const read = await outboundReader(reader, pathsOf(folder).outbound, limits)([]);
  return read.ok ? { ok: true, value: null } : read;
};
