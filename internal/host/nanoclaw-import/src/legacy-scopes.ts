import { narrowest, scopes, type Scope } from "@nc/container-config";
import type { LegacyRows } from "./convert-rows.ts";

/** Returns the scope that a group's agent had in nanoclaw. */
export type LegacyScopes = (groupId: string) => Scope;

/**
 * Reads the scope of each group's agent in nanoclaw. nanoclaw 2.0.45 has no scopes, and `ncl` runs every command. In 2.0.48,
 * a group without a row, or with a row without a scope, has `group`. Invalid text could mean any scope, so it becomes
 * `disabled`. A group without a row also gets `disabled` if a row names no group, because the row could be the group's.
 */
export const legacyScopes = (source: LegacyRows): LegacyScopes => {
  const rows = source["container_configs"];
  if (rows === undefined) return () => "global";
  const isComplete = rows.every(({ agent_group_id }) => typeof agent_group_id === "string");
  return (groupId) => {
    const own = rows.filter(({ agent_group_id }) => agent_group_id === groupId);
    const without: Scope = isComplete ? "group" : "disabled";
    return own.length === 0 ? without : narrowest(...own.map(({ cli_scope }) => scopeIn(cli_scope)));
  };
};

const scopeIn = (value: unknown): Scope => {
  if (value === null || value === undefined) return "group";
  return scopes.find((scope) => scope === value) ?? "disabled";
};
