import { narrowest, scopes, type Scope } from "@nc/container-config";
import type { LegacyRows } from "./convert-rows.ts";

/** The widest scope that a group's agent had, by the group's id. */
export type LegacyScopes = (groupId: string) => Scope;

/**
 * Reads what nanoclaw let each group's agent do. Up to 2.0.45 there were no scopes, and `ncl` ran every
 * command. From 2.0.48 on, a group without a row, or with a row without a scope, has `group`. A text that is
 * not a valid scope could mean any scope, so it becomes `disabled`. So does a group without a row, if some
 * row does not say which group it belongs to.
 */
export const legacyScopes = (source: LegacyRows): LegacyScopes => {
  const rows = source["container_configs"];
  if (rows === undefined) return () => "global";
  const isWhose = rows.every(({ agent_group_id }) => typeof agent_group_id === "string");
  return (groupId) => {
    const own = rows.filter(({ agent_group_id }) => agent_group_id === groupId);
    const without: Scope = isWhose ? "group" : "disabled";
    return own.length === 0 ? without : narrowest(...own.map(({ cli_scope }) => scopeIn(cli_scope)));
  };
};

const scopeIn = (value: unknown): Scope => {
  if (value === null || value === undefined) return "group";
  return scopes.find((scope) => scope === value) ?? "disabled";
};
