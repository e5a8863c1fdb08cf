import { expect, test } from "vitest";
import { containerJson } from "./container-json.ts";
import { initialSettings } from "./fields/fields.ts";
import { parseLegacyConfig } from "./legacy/legacy-config.ts";

const group = { id: "ag-1", name: "Notes" };

test("of what is unset there is nothing in the file, and the assistant has the group's name", () => {
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
  cli_scope: "global" as const,
  skills: ["notes"],
  mcp_servers: {
    web: { url: "https://a.example", headers: { A: "b" } },
    notes: { command: "x", env: { C: "d" } },
  },
  packages_apt: ["jq"],
  packages_npm: ["tool"],
  additional_mounts: [{ hostPath: "/srv/a", containerPath: "/workspace/extra/a" }],
};

test("all that is set is in the file, but not the scope: only the host enforces it", () => {
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

test("the file read as a legacy one says the same again", () => {
  const said: Partial<typeof full> = { ...full };
  delete said.cli_scope;
  const text = JSON.stringify(containerJson(full, group));
  expect(parseLegacyConfig(text, "/home/ada", "ag-1")).toEqual({
    ok: true,
    value: { settings: said, refused: [], ignored: [] },
  });
});
