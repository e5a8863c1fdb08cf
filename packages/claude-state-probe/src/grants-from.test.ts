import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grantsFrom, type Grant, type GrantFile } from "./grants-from.ts";

const settings = (json: unknown): GrantFile => ({ file: "/w/.claude/settings.json", kind: "settings", json });
const mcp = (json: unknown): GrantFile => ({ file: "/w/.mcp.json", kind: "mcp", json });
const rows = (source: GrantFile) => grantsFrom([source]).map(({ kind, name }) => `${kind} ${name}`);

describe("grantsFrom", () => {
  test.each<{ what: string; source: GrantFile; grants: string[] }>([
    { what: "empty settings", source: settings({}), grants: [] },
    {
      what: "allow rules",
      source: settings({ permissions: { allow: ["Read", "Bash(ls:*)"] } }),
      grants: ["permission Read", "permission Bash(ls:*)"],
    },
    {
      what: "deny and ask rules",
      source: settings({ permissions: { deny: ["Read"], ask: ["Bash"] } }),
      grants: [],
    },
    {
      what: "extra folders",
      source: settings({ permissions: { additionalDirectories: ["../docs"] } }),
      grants: ["directory ../docs"],
    },
    {
      what: "a default mode",
      source: settings({ permissions: { defaultMode: "bypassPermissions" } }),
      grants: ["default-mode bypassPermissions"],
    },
    {
      what: "the usual default mode",
      source: settings({ permissions: { defaultMode: "default" } }),
      grants: [],
    },
    {
      what: "hooks",
      source: settings({
        hooks: {
          Stop: [{ hooks: [{ command: "rm secret" }] }],
          PreToolUse: [{ matcher: "Bash", hooks: [] }],
        },
      }),
      grants: ["hook Stop", "hook PreToolUse(Bash)"],
    },
    { what: "variables", source: settings({ env: { API_TOKEN: "secret" } }), grants: ["env API_TOKEN"] },
    {
      what: "helpers",
      source: settings({ apiKeyHelper: "echo secret", statusLine: { command: "secret" } }),
      grants: ["helper apiKeyHelper", "helper statusLine"],
    },
    {
      what: "plugins",
      source: settings({ enabledPlugins: { "fmt@tools": true }, extraKnownMarketplaces: { tools: {} } }),
      grants: ["plugin fmt@tools", "plugin tools"],
    },
    {
      what: "a disabled plugin",
      source: settings({ enabledPlugins: { "fmt@tools": false } }),
      grants: [],
    },
    {
      what: "a plugin enabled for some versions",
      source: settings({ enabledPlugins: { "fmt@tools": ["^1.0.0"], "lint@tools": false } }),
      grants: ["plugin fmt@tools"],
    },
    {
      what: "approved servers",
      source: settings({ enableAllProjectMcpServers: true, enabledMcpjsonServers: ["db"] }),
      grants: ["mcp-server *", "mcp-server db"],
    },
    {
      what: "servers",
      source: mcp({ mcpServers: { db: { command: "secret", env: { A: "secret" } } } }),
      grants: ["mcp-server db"],
    },
    {
      what: "a server's header command",
      source: mcp({ mcpServers: { db: { headersHelper: "echo secret" } } }),
      grants: ["mcp-server db", "helper db.headersHelper"],
    },
    { what: "settings in an MCP file", source: mcp({ permissions: { allow: ["Bash"] } }), grants: [] },
  ])("$what", ({ source, grants }) => {
    expect(rows(source)).toEqual(grants);
  });

  test.each<{ what: string; source: GrantFile; grants: string[] }>([
    {
      what: "a file without JSON",
      source: { file: "/w/.mcp.json", kind: "mcp", unreadable: "it is not whole JSON" },
      grants: ["unreadable it is not whole JSON"],
    },
    { what: "a list", source: settings([]), grants: ["unreadable not a JSON object"] },
    { what: "null", source: mcp(null), grants: ["unreadable not a JSON object"] },
    {
      what: "permissions that are a text",
      source: settings({ permissions: "all" }),
      grants: ["unreadable permissions"],
    },
    {
      what: "rules that are not a list",
      source: settings({ permissions: { allow: "Bash" } }),
      grants: ["unreadable permissions.allow"],
    },
    {
      what: "a rule that is not a text",
      source: settings({ permissions: { allow: ["Read", 7] } }),
      grants: ["permission Read", "unreadable permissions.allow"],
    },
    {
      what: "a mode that is not a text",
      source: settings({ permissions: { defaultMode: 1 } }),
      grants: ["unreadable permissions.defaultMode"],
    },
    {
      what: "hooks of an old shape",
      source: settings({ hooks: { Stop: "make" } }),
      grants: ["unreadable hooks.Stop"],
    },
    {
      what: "a hook that is not an object",
      source: settings({ hooks: { Stop: ["make"] } }),
      grants: ["unreadable hooks.Stop"],
    },
    { what: "servers that are a list", source: mcp({ mcpServers: [] }), grants: ["unreadable mcpServers"] },
  ])("reports $what as unreadable", ({ source, grants }) => {
    expect(rows(source)).toEqual(grants);
  });

  test.each([
    { rule: "Bash", name: "Bash" },
    { rule: "Bash(npm:*)", name: "Bash(npm:*)" },
    { rule: "WebFetch(domain:example.com)", name: "WebFetch(domain:example.com)" },
    { rule: "mcp__db__query", name: "mcp__db__query" },
    { rule: 'Bash(curl -H "Authorization: Bearer s3cret" x)', name: "Bash(curl …)" },
    { rule: "Bash(TOKEN=s3cret make)", name: "Bash(TOKEN …)" },
    { rule: "Bash('s3cret')", name: "Bash( …)" },
    { rule: "Bash(make test", name: "Bash(make …)" },
  ])("names the rule $rule as $name", ({ rule, name }) => {
    expect(rows(settings({ permissions: { allow: [rule] } }))).toEqual([`permission ${name}`]);
  });

  test("names the file of each grant", () => {
    const grants = grantsFrom([settings({ env: { A: "1" } }), mcp({ mcpServers: { db: {} } })]);
    expect(grants.map(({ file }) => file)).toEqual(["/w/.claude/settings.json", "/w/.mcp.json"]);
  });

  test("replaces unprintable characters in a name, and shortens it to 100 characters", () => {
    const [first, second] = grantsFrom([
      settings({ env: { "A\u001b[2J\u202eB": "1", ["x".repeat(500)]: "1" } }),
    ]) as [Grant, Grant];
    expect(first.name).toBe("A\ufffd[2J\ufffdB");
    expect(second.name).toHaveLength(100);
  });

  test("never throws and never shows the value of a variable, header or command", () => {
    const value = fc.stringMatching(/^s3cret-[a-z]{8}$/);
    const source = fc.record({
      env: fc.dictionary(fc.string(), value),
      hooks: fc.dictionary(
        fc.string(),
        fc.array(fc.record({ hooks: fc.array(fc.record({ command: value })) })),
      ),
      apiKeyHelper: value,
      mcpServers: fc.dictionary(
        fc.string(),
        fc.record({ command: value, headers: fc.dictionary(fc.string(), value) }),
      ),
      permissions: fc.oneof(fc.anything(), fc.record({ allow: fc.anything(), defaultMode: fc.anything() })),
    });
    fc.assert(
      fc.property(source, (json) => {
        const grants = grantsFrom([settings(json), mcp(json)]);
        const named = JSON.stringify(grants);
        for (const secret of JSON.stringify(json).match(
          /(?<="(?:command|apiKeyHelper)":")s3cret-[a-z]{8}/g,
        ) ?? [])
          expect(named).not.toContain(secret);
      }),
    );
  });
});
