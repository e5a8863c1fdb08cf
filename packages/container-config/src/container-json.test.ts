import { expect, test } from "vitest";
import { containerJson } from "./container-json.ts";
import { initialSettings } from "./fields/fields.ts";
import { parseLegacyConfig } from "./legacy/legacy-config.ts";

const group = { id: "ag-1", name: "Notes" };

test("containerJson leaves out unset fields, and names the assistant after the group", () => {
  expect(containerJson(initialSettings, group)).toEqual({
    agentGroupId: "ag-1",
    groupName: "Notes",
    assistantName: "Notes",
    skills: "all",
    mcpServers: {},
    packages: { apt: [], npm: [] },
    additionalMounts: [],
  });
});

const full = {
  ...initialSettings,
  provider: "codex",
  model: "gpt-5.1-codex",
  effort: "high",
  image_tag: "agent:1",
  assistant_name: "Ada",
  max_messages_per_prompt: 5,
  timezone: "Europe/Berlin",
  cpus: 0.5,
  memory_mb: 512,
  pids: 64,
  max_requests_per_day: 100,
  max_tokens_per_day: 5_000_000,
  max_cost_per_day: 12.5,
  upstream: "anthropic=https://models.example",
  cli_scope: "global" as const,
  tools: "deny" as const,
  network: "open" as const,
  isolation: "container" as const,
  skills: ["notes"],
  mcp_servers: {
    web: { url: "https://a.example", headers: { A: "b" } },
    notes: { command: "x", env: { C: "d" } },
  },
  packages_apt: ["jq"],
  packages_npm: ["tool"],
  additional_mounts: [{ hostPath: "/srv/a", containerPath: "/workspace/extra/a" }],
};

test("containerJson has every set field except those that the host or the engine enforces alone", () => {
  expect(containerJson(full, group)).toEqual({
    agentGroupId: "ag-1",
    groupName: "Notes",
    assistantName: "Ada",
    provider: "codex",
    model: "gpt-5.1-codex",
    effort: "high",
    imageTag: "agent:1",
    maxMessagesPerPrompt: 5,
    timezone: "Europe/Berlin",
    cpus: 0.5,
    memoryMb: 512,
    pids: 64,
    skills: ["notes"],
    mcpServers: full.mcp_servers,
    packages: { apt: ["jq"], npm: ["tool"] },
    additionalMounts: full.additional_mounts,
  });
  expect(JSON.stringify(containerJson(full, group))).not.toContain("global");
});

test("parseLegacyConfig reads the file of containerJson back to the same settings", () => {
  const said: Partial<typeof full> = { ...full };
  delete said.cli_scope;
  delete said.max_requests_per_day;
  delete said.max_tokens_per_day;
  delete said.max_cost_per_day;
  delete said.upstream;
  delete said.tools;
  delete said.network;
  delete said.isolation;
  const text = JSON.stringify(containerJson(full, group));
  expect(parseLegacyConfig(text, "/home/ada", "ag-1")).toEqual({
    ok: true,
    value: { settings: said, refused: [], ignored: [] },
  });
});
