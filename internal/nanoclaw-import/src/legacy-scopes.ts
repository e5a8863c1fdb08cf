import { narrowest, scopes, type Scope } from "@nc/container-config";
import type { LegacyRows } from "./convert-rows.ts";

/** The scope that the agent of a group had at most, by the group's id. */
export type LegacyScopes = (groupId: string) => Scope;

/**
 * What nanoclaw let each group's agent do. Up to 2.0.45 there were no scopes, and `ncl` did all that it was asked. From 2.0.48 on
 * a group without a row, or with a row that says none, has `group`. A text that is no scope could mean any: it is `disabled`, and
 * so is a group without a row where a row does not say whose it is.
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
