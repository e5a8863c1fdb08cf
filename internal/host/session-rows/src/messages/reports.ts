import { fieldsOf } from "@gatehouse/std";
import type { Json } from "./messages.ts";

/** Why an agent has no tools of an MCP server: the end of a sentence. */
export const serverFailures = {
  "not-found": "its program was not found",
  silent: "it did not answer in time",
  ended: "it ended, or closed its connection",
  unreachable: "its address cannot be reached",
  "sign-in": "it asks for a sign-in, which no agent can give",
  "no-secret": "the host has no usable secret for it",
  unknown: "the agent's CLI gives no known reason",
} as const;

export type ServerFailure = keyof typeof serverFailures;

/**
 * An event in a runner that people have to know of: the content of a `system` message. The host has the sentences, because
 * an agent must not speak in its voice.
 */
export type RunnerReport =
  | { readonly report: "conversation-lost" }
  | { readonly report: "mcp-server-failed"; readonly server: string; readonly why: ServerFailure };

/** The value of a session with the failures of its MCP servers, by name. */
export const failedServersKey = "mcp-servers-failed";

/** Reads the content of a runner's message; null if it is no report. */
export const reportIn = (content: Json): RunnerReport | null => {
  const { report, server, why } = fieldsOf(content);
  if (report === "conversation-lost") return { report };
  if (report !== "mcp-server-failed" || typeof server !== "string" || !isServerFailure(why)) return null;
  return { report, server, why };
};

/** Whether a value of an agent names a failure. */
export const isServerFailure = (value: unknown): value is ServerFailure =>
  typeof value === "string" && Object.hasOwn(serverFailures, value);
