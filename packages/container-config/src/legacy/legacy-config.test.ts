import fc from "fast-check";
import { describe, expect, inject, test } from "vitest";
import { parseLegacyConfig, parseLegacyRow } from "./legacy-config.ts";

const read = (value: unknown) =>
  parseLegacyConfig(typeof value === "string" ? value : JSON.stringify(value), "/home/$&");
const problemsOf = (value: unknown) => {
  const legacy = read(value);
  return legacy.ok ? [] : legacy.error.problems.map(({ path, problem }) => `${path} ${problem}`);
};

describe("parseLegacyConfig", () => {
  test("reads a file as the host of old wrote it", () => {
    const file = {
      mcpServers: { notes: { command: "npx", args: ["notes"], env: {}, instructions: "Ask first.\n" } },
      packages: { apt: ["ffmpeg"], npm: [] },
      imageTag: "nanoclaw-agent:ag-1",
      additionalMounts: [{ hostPath: "~/work", containerPath: "work", readonly: true }],
      skills: "all",
      provider: "Claude",
      groupName: "Notes",
      assistantName: "Andy",
      agentGroupId: "ag-1",
      maxMessagesPerPrompt: 10,
    };
    expect(read(file)).toEqual({
      ok: true,
      value: {
        settings: {
          provider: "claude",
          image_tag: "nanoclaw-agent:ag-1",
          assistant_name: "Andy",
          max_messages_per_prompt: 10,
          skills: "all",
          mcp_servers: file.mcpServers,
          packages_apt: ["ffmpeg"],
          packages_npm: [],
          additional_mounts: [
            { hostPath: "/home/$&/work", containerPath: "/workspace/extra/work", readonly: true },
          ],
        },
        ignored: [],
      },
    });
  });

  test.each([
    { what: "an empty object", value: {}, settings: {} },
    { what: "null and the empty text", value: { provider: null, model: "", packages: null }, settings: {} },
    { what: "a byte order mark", value: '\uFEFF{"model":"opus"}', settings: { model: "opus" } },
    {
      what: "a server's type that its keys say too",
      value: {
        mcpServers: { a: { type: "stdio", command: "x" }, b: { type: "http", url: "https://b.example" } },
      },
      settings: { mcp_servers: { a: { command: "x" }, b: { url: "https://b.example" } } },
    },
  ])("takes $what", ({ value, settings }) =>
    expect(read(value)).toMatchObject({ ok: true, value: { settings } }),
  );

  test("names the keys that mean nothing here", () => {
    expect(read({ model: "opus", codeMode: true, packages: { pip: [] } })).toMatchObject({
      value: { settings: { model: "opus" }, ignored: ["codeMode", "packages.pip"] },
    });
  });

  test.each([
    { what: "cut off", value: '{"model": "opus", "packa' },
    { what: "empty", value: "" },
    { what: "a list", value: "[]" },
    { what: "null", value: "null" },
  ])("a file that is $what is refused", ({ value }) =>
    expect(problemsOf(value)).toEqual(["container.json is not a JSON object, or is cut off"]),
  );

  test("wrong types are all told at once, by name, without the values", () => {
    const value = {
      provider: 5,
      maxMessagesPerPrompt: "ten",
      mcpServers: { a: { command: ["secret"] }, b: { type: "sse", url: "https://b.example" } },
      packages: { apt: "secret" },
      additionalMounts: [{ hostPath: "/etc" }],
      skills: {},
    };
    const problems = problemsOf(value).join("\n");
    for (const path of [
      "provider is no text",
      "max_messages_per_prompt is no number",
      "mcp_servers.a.command is no text",
      "mcp_servers.b has keys that mean nothing: type",
      "packages_apt is no list",
      "additional_mounts.0.containerPath is no text",
      "skills is no list",
    ])
      expect(problems).toContain(path);
    expect(problems).not.toContain("secret");
  });

  test("packages that are no object are refused", () =>
    expect(problemsOf({ packages: ["jq"] })).toHaveLength(1));

  test("any text is read or refused, and never throws", () => {
    const valid = JSON.stringify({
      model: "opus",
      mcpServers: { a: { command: "x" } },
      packages: { apt: ["jq"] },
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.nat(valid.length).map((end) => valid.slice(0, end)),
        ),
        (text) => {
          expect(typeof read(text).ok).toBe("boolean");
        },
      ),
      { numRuns: 2_000 * inject("shareOfCases") },
    );
  });
});

describe("parseLegacyRow", () => {
  test("reads a row of the database of old", () => {
    const row = {
      agent_group_id: "ag-1",
      provider: "codex",
      model: "",
      skills: '"all"',
      mcp_servers: "{}",
      cli_scope: "global",
      updated_at: "x",
    };
    expect(parseLegacyRow(row, "/home/ada")).toEqual({
      ok: true,
      value: {
        settings: { provider: "codex", skills: "all", mcp_servers: {}, cli_scope: "global" },
        ignored: [],
      },
    });
  });

  test("a list that is no JSON is refused", () => {
    expect(parseLegacyRow({ packages_apt: '["jq"' }, "/home/ada")).toMatchObject({
      error: { problems: [{ path: "packages_apt", problem: "is no list" }] },
    });
  });
});
