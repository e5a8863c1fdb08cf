import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLegacyConfig, parseLegacyRow } from "./legacy-config.ts";

const read = (value: unknown) =>
  parseLegacyConfig(typeof value === "string" ? value : JSON.stringify(value), "/home/$&", "ag-1");
const problemsOf = (value: unknown) => {
  const legacy = read(value);
  return legacy.ok ? [] : legacy.error.problems.map(({ path, problem }) => `${path} ${problem}`);
};

const refusedIn = (value: unknown) => {
  const legacy = read(value);
  return legacy.ok ? legacy.value.refused.map(({ path, problem }) => `${path} ${problem}`) : [];
};

describe("parseLegacyConfig", () => {
  test("reads a file of the legacy host", () => {
    const file = {
      mcpServers: { notes: { command: "npx", args: ["notes"], env: {}, instructions: "Ask first.\n" } },
      packages: { apt: ["ffmpeg"], npm: [] },
      imageTag: "registry.example/agent:1",
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
          image_tag: "registry.example/agent:1",
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
        refused: [],
        ignored: [],
      },
    });
  });

  test.each([
    { what: "an empty object", value: {}, settings: {} },
    { what: "null and the empty text", value: { provider: null, model: "", packages: null }, settings: {} },
    { what: "a byte order mark", value: '\uFEFF{"model":"opus"}', settings: { model: "opus" } },
    {
      what: "a server's type that repeats its keys",
      value: {
        mcpServers: { a: { type: "stdio", command: "x" }, b: { type: "http", url: "https://b.example" } },
      },
      settings: { mcp_servers: { a: { command: "x" }, b: { url: "https://b.example" } } },
    },
    {
      what: "numbers and booleans in a server's environment",
      value: { mcpServers: { a: { command: "x", env: { PORT: 80, DEBUG: true, A: "b" } } } },
      settings: { mcp_servers: { a: { command: "x", env: { PORT: "80", DEBUG: "true", A: "b" } } } },
    },
    {
      what: "null values in a server",
      value: { mcpServers: { a: { command: "x", args: null, url: null } } },
      settings: { mcp_servers: { a: { command: "x" } } },
    },
    {
      what: "a mount without a container path, which is named after its folder",
      value: { additionalMounts: [{ hostPath: "/srv/notes/" }, { hostPath: "~/work", containerPath: "" }] },
      settings: {
        additional_mounts: [
          { hostPath: "/srv/notes", containerPath: "/workspace/extra/notes" },
          { hostPath: "/home/$&/work", containerPath: "/workspace/extra/work" },
        ],
      },
    },
  ])("accepts $what", ({ value, settings }) =>
    expect(read(value)).toMatchObject({ ok: true, value: { settings } }),
  );

  test("names unknown keys", () => {
    expect(read({ model: "opus", codeMode: true, packages: { pip: [] } })).toMatchObject({
      value: { settings: { model: "opus" }, ignored: ["codeMode", "packages.pip"] },
    });
  });

  test.each([
    { what: "cut off", value: '{"model": "opus", "packa' },
    { what: "empty", value: "" },
    { what: "a list", value: "[]" },
    { what: "null", value: "null" },
  ])("refuses a file that is $what", ({ value }) =>
    expect(problemsOf(value)).toEqual(["container.json is not a JSON object, or is cut off"]),
  );

  test("ignores the image that nanoclaw built from the packages, and keeps any other image", () => {
    expect(read({ imageTag: "nanoclaw-agent-v2-1a2b:ag-1", packages: { apt: ["jq"] } })).toMatchObject({
      value: {
        settings: { packages_apt: ["jq"] },
        ignored: [expect.stringContaining("nanoclaw built that image")],
      },
    });
    expect(read({ imageTag: "nanoclaw-agent-v2-1a2b:ag-11" })).toMatchObject({
      value: { settings: { image_tag: "nanoclaw-agent-v2-1a2b:ag-11" }, ignored: [] },
    });
  });

  const good = {
    model: "opus",
    skills: ["pdf"],
    mcpServers: { good: { command: "x" } },
    packages: { apt: ["jq"], npm: ["left-pad"] },
    additionalMounts: [{ hostPath: "/srv/good", containerPath: "good" }],
  };
  test.each<{ what: string; value: object; refused: readonly string[] }>([
    {
      what: "a server that speaks sse",
      value: { ...good, mcpServers: { old: { type: "sse", url: "https://b.example" }, ...good.mcpServers } },
      refused: [
        "mcp_servers.old has a type that is of no use here: there are stdio with a command and http with a url",
      ],
    },
    {
      what: "a server with a dot in its name",
      value: { ...good, mcpServers: { "my.server": { command: "x" }, ...good.mcpServers } },
      refused: ["mcp_servers.my.server is not a server's name: letters, digits, - and _, at most 64"],
    },
    {
      what: "a server named __proto__",
      value: JSON.parse(
        JSON.stringify(good).replace('{"good"', '{"__proto__":{"command":"x"},"good"'),
      ) as object,
      refused: ["mcp_servers.__proto__ is a name that no entry can have"],
    },
    {
      what: "a package with its version",
      value: { ...good, packages: { apt: ["curl=7.88.1-10", "jq"], npm: ["left-pad"] } },
      refused: ["packages_apt.curl=7.88.1-10 is not the name of a Debian package, such as ripgrep or g++"],
    },
    {
      what: "a repeated package",
      value: { ...good, packages: { apt: ["jq", "jq"], npm: ["left-pad"] } },
      refused: ["packages_apt.jq names a package twice"],
    },
    {
      what: "an entry that cannot be quoted, named by its index",
      value: { ...good, packages: { apt: [7, "jq", "a\nb"], npm: ["left-pad"] } },
      refused: [
        "packages_apt.0 is no text",
        "packages_apt.2 is not the name of a Debian package, such as ripgrep or g++",
      ],
    },
    {
      what: "a mount of a key file, and two mounts at one place",
      value: {
        ...good,
        additionalMounts: [
          { hostPath: "/srv/app/.env", containerPath: "env" },
          ...good.additionalMounts,
          { hostPath: "/srv/other", containerPath: "good" },
        ],
      },
      refused: [
        "additional_mounts./srv/app/.env.hostPath leads through .env: keys are no part of a container",
        "additional_mounts./srv/other has two mounts at one place in the container",
      ],
    },
    {
      what: "a skill that is a path",
      value: { ...good, skills: ["../x", "pdf"] },
      refused: ["skills.../x is not a skill's name: letters, digits, . _ and -"],
    },
    {
      what: "an unknown provider",
      value: { ...good, provider: "ollama" },
      refused: [expect.stringMatching(/^provider is not one of claude, /) as unknown as string],
    },
  ])("drops only the bad entry: $what", ({ value, refused }) => {
    expect(read(value)).toEqual({
      ok: true,
      value: {
        settings: {
          model: "opus",
          skills: ["pdf"],
          mcp_servers: good.mcpServers,
          packages_apt: ["jq"],
          packages_npm: ["left-pad"],
          additional_mounts: [{ hostPath: "/srv/good", containerPath: "/workspace/extra/good" }],
        },
        refused: expect.anything() as unknown,
        ignored: [],
      },
    });
    expect(refusedIn(value)).toEqual(refused);
  });

  test("refuses a list that is too long as a whole, without checking its entries", () => {
    expect(refusedIn({ packages: { apt: Array.from({ length: 100_000 }, () => "") } })).not.toHaveLength(0);
    expect(read({ model: "opus", skills: Array.from({ length: 1_001 }, (_, at) => `s${at}`) })).toMatchObject(
      {
        value: { settings: { model: "opus" }, refused: [{ path: "skills" }] },
      },
    );
  });

  test("reports all wrong types at once, by name and without values", () => {
    const value = {
      provider: 5,
      maxMessagesPerPrompt: "ten",
      mcpServers: { a: { command: ["secret"] }, b: { type: "sse", url: "https://b.example" } },
      packages: { apt: "secret" },
      additionalMounts: [{ hostPath: "/etc" }],
      skills: {},
    };
    const problems = refusedIn(value).join("\n");
    for (const path of [
      "provider is no text",
      "max_messages_per_prompt is no number",
      "mcp_servers.a.command is no text",
      "mcp_servers.b has a type that is of no use here",
      "packages_apt is no list",
      "additional_mounts./etc.hostPath holds /etc",
      "skills is no list",
    ])
      expect(problems).toContain(path);
    expect(problems).not.toContain("secret");
  });

  test.each([
    { value: { provider: [] }, refused: ["provider is no text"] },
    { value: { mcpServers: [] }, refused: ["mcp_servers is no object"] },
    { value: { additionalMounts: {} }, refused: ["additional_mounts is no list"] },
  ])("drops $value, and reports it", ({ value, refused }) => expect(refusedIn(value)).toEqual(refused));

  test("refuses packages that are not an object", () =>
    expect(refusedIn({ packages: ["jq"] })).toEqual(["packages is not an object with apt and npm"]));

  test("reads or refuses any text, and never throws", () => {
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
    );
  });
});

describe("parseLegacyRow", () => {
  test("reads a row of a legacy database", () => {
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
      settings: { provider: "codex", skills: "all", mcp_servers: {}, cli_scope: "global" },
      refused: [],
      ignored: [],
    });
  });

  test("refuses a list that is not JSON, and keeps the other values", () => {
    expect(parseLegacyRow({ packages_apt: '["jq"', model: "opus" }, "/home/ada")).toMatchObject({
      settings: { model: "opus" },
      refused: [{ path: "packages_apt", problem: "is no list" }],
    });
  });
});
