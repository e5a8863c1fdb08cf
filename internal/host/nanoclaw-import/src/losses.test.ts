import { describe, expect, test } from "vitest";
import type { LegacyRow } from "./field-reader.ts";
import { lossOf } from "./losses.ts";

describe("lossOf", () => {
  test.for<{ name: string; row: LegacyRow; why: string | null }>([
    { name: "messaging_groups.denied_at", row: { denied_at: "2026-05-01" }, why: "this host asks again" },
    { name: "messaging_groups.denied_at", row: { denied_at: null }, why: null },
    { name: "messaging_groups.detached_at", row: { detached_at: "2026-05-01" }, why: "had left" },
    { name: "messaging_group_agents.threads", row: { threads: 0 }, why: "--session-mode" },
    { name: "messaging_group_agents.threads", row: {}, why: null },
    { name: "container_configs.env", row: { env: '{"A":"s3cret"}' }, why: "do not get their old variables" },
    { name: "container_configs.env", row: { env: "{}" }, why: null },
    {
      name: "container_configs.blocked_hosts",
      row: { blocked_hosts: '["x.example"]' },
      why: "keeps it from",
    },
    { name: "container_configs.blocked_hosts", row: { blocked_hosts: "[]" }, why: null },
    { name: "container_configs.permission_mode", row: { permission_mode: "bypass" }, why: "asks before" },
    { name: "container_configs.speed", row: { speed: "fast" }, why: "usual one" },
    {
      name: "container_configs.web_search_mode",
      row: { web_search_mode: "disabled" },
      why: "searches the web",
    },
    { name: "container_configs.code_mode", row: { code_mode: 0 }, why: null },
    { name: "container_configs.newer", row: { newer: 1 }, why: "there is no such column here" },
    { name: "x.constructor", row: { constructor: "x" }, why: "there is no such column here" },
  ])("returns for $name in $row: $why", ({ name, row, why }) => {
    const [table = "", column = ""] = name.split(".");
    const loss = lossOf(table, column, row);
    if (why === null) expect(loss).toBeNull();
    else expect(loss).toContain(why);
    expect(String(loss)).not.toContain("s3cret");
  });
});
