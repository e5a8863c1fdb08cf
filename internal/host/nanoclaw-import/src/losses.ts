import type { LegacyRow } from "./field-reader.ts";

/** The effect of a column that this host does not have. */
type Loss = {
  readonly why: string;
  /** True if nothing is lost with this value. */
  readonly isUsual?: (value: unknown, row: LegacyRow) => boolean;
};

/** The columns that nanoclaw added up to 2.4, as `table.column`. */
const losses: Readonly<Record<string, Loss>> = {
  "messaging_groups.denied_at": {
    why: "a person refused an agent in these chats; this host asks again",
  },
  "messaging_groups.detached_at": {
    why: "the bot had left these chats; what is sent to them will fail until it is back, or their wirings are deleted",
  },
  "messaging_group_agents.threads": {
    why: "their wirings said whether threads count; here the session mode alone says so (ncl wirings update ID --session-mode)",
  },
  "container_configs.env": {
    why: "its programs do not get their old variables; an MCP server has its own (ncl groups config add-mcp-server --env)",
  },
  "container_configs.blocked_hosts": {
    why: "some hosts were out of its agent's reach; here nothing keeps it from them",
  },
  "container_configs.permission_mode": {
    why: "it chose whether its agent asks before it acts; here its CLI's own settings do",
  },
  "container_configs.speed": { why: "it had a speed of its own; here it has its provider's usual one" },
  "container_configs.web_search_mode": {
    why: "it chose whether its agent searches the web by itself; here its CLI's own settings do",
  },
  "container_configs.base_url": {
    why: "its provider was asked at an address of its own; here it is asked at its usual one",
  },
  "container_configs.code_mode": {
    why: "its agent had a mode for writing code; here its CLI has its usual one",
    isUsual: (mode) => mode === 0,
  },
  "container_configs.runtime_tier": {
    why: "its containers had their own level of isolation; here all groups have the same",
  },
};

const nothing: readonly unknown[] = [null, undefined, "", "{}", "[]"];

/** The effect of losing a value that this host does not have; null if nothing is lost. */
export const lossOf = (table: string, column: string, row: LegacyRow): string | null => {
  const value = row[column];
  if (nothing.includes(value)) return null;
  const name = `${table}.${column}`;
  const loss = Object.hasOwn(losses, name) ? losses[name] : undefined;
  if (loss === undefined) return "there is no such column here";
  return loss.isUsual?.(value, row) === true ? null : loss.why;
};
