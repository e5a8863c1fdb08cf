import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkField, checkScalars } from "./check-config.ts";
import type { Settings } from "./fields.ts";

/** The checked value, or the text of its problems. */
const outcome = (field: keyof Settings, value: unknown): unknown => {
  const checked = checkField(field, value);
  return checked.ok
    ? checked.value
    : checked.error.problems.map(({ path, problem }) => `${path} ${problem}`).join("; ");
};

describe("checkField, for a single value", () => {
  test.each<{ field: keyof Settings; value: unknown; saved: unknown }>([
    { field: "provider", value: "Claude", saved: "claude" },
    { field: "provider", value: "opencode", saved: "opencode" },
    { field: "provider", value: "Echo", saved: "echo" },
    { field: "model", value: "claude-opus-4-5[1m]", saved: "claude-opus-4-5[1m]" },
    {
      field: "model",
      value: "openrouter/anthropic/claude-3.5:free",
      saved: "openrouter/anthropic/claude-3.5:free",
    },
    { field: "effort", value: "xhigh", saved: "xhigh" },
    {
      field: "image_tag",
      value: `registry.example:5000/team/agent__x:1.2@sha256:${"0a".repeat(32)}`,
      saved: `registry.example:5000/team/agent__x:1.2@sha256:${"0a".repeat(32)}`,
    },
    { field: "image_tag", value: "localhost/agent", saved: "localhost/agent" },
    { field: "image_tag", value: "agent:V1_2", saved: "agent:V1_2" },
    { field: "assistant_name", value: "Ada’s agent", saved: "Ada’s agent" },
    { field: "max_messages_per_prompt", value: 1, saved: 1 },
    { field: "timezone", value: "europe/berlin", saved: "Europe/Berlin" },
    { field: "timezone", value: "UTC", saved: "UTC" },
    { field: "timezone", value: "Asia/Kolkata", saved: "Asia/Kolkata" },
    { field: "timezone", value: "America/Argentina/Buenos_Aires", saved: "America/Argentina/Buenos_Aires" },
    { field: "cpus", value: 0.5, saved: 0.5 },
    { field: "memory_mb", value: 16, saved: 16 },
    { field: "upstream", value: "openai=http://127.0.0.1:8080/v2", saved: "openai=http://127.0.0.1:8080/v2" },
    { field: "cli_scope", value: "disabled", saved: "disabled" },
    { field: "tools", value: "allow-read", saved: "allow-read" },
    { field: "network", value: "open", saved: "open" },
    { field: "network", value: null, saved: null },
    { field: "model", value: null, saved: null },
  ])("saves $field $value as $saved", ({ field, value, saved }) =>
    expect(outcome(field, value)).toEqual(saved),
  );

  test.each<{ field: keyof Settings; value: unknown; problem: string }>([
    { field: "provider", value: "claud", problem: "is not one of claude, codex, gemini" },
    { field: "provider", value: "echoes", problem: "opencode, pi, echo" },
    { field: "model", value: "", problem: "is empty: null clears it" },
    { field: "model", value: "opus; rm -rf /", problem: "is not a model's name" },
    { field: "model", value: "-p", problem: "is not a model's name" },
    { field: "model", value: true, problem: "model is no text" },
    { field: "effort", value: "very high", problem: "is not an effort level" },
    ...[
      ...[
        "agent tag",
        "agent:1\nRUN x",
        "--rm",
        "/srv/agent",
        "./agent",
        "a/../b",
        "a//b",
        "Agent",
        "agent:",
      ],
      ...["agent:1:2", "agent:-1", "agent@sha256:0a", "docker://agent", "agent/", "a".repeat(256)],
    ].map((value) => ({ field: "image_tag" as const, value, problem: "is not an image's name" })),
    { field: "assistant_name", value: "a\nb", problem: "control character" },
    { field: "assistant_name", value: "a".repeat(101), problem: "more than 100" },
    { field: "max_messages_per_prompt", value: 0, problem: "is below 1" },
    { field: "max_messages_per_prompt", value: -5, problem: "is below 1" },
    { field: "max_messages_per_prompt", value: 1_001, problem: "is above 1000" },
    { field: "max_messages_per_prompt", value: 1.5, problem: "is no whole number" },
    { field: "max_messages_per_prompt", value: Number.NaN, problem: "is no number" },
    { field: "max_messages_per_prompt", value: "5", problem: "is no number" },
    { field: "timezone", value: "Europe/Atlantis", problem: "is not a timezone's IANA name" },
    { field: "timezone", value: "+02:00", problem: "is not a timezone's IANA name" },
    { field: "timezone", value: "../../etc/passwd", problem: "is not a timezone's IANA name" },
    { field: "cpus", value: 0, problem: "is below 0.01" },
    { field: "cpus", value: Number.POSITIVE_INFINITY, problem: "is no number" },
    { field: "memory_mb", value: 15, problem: "is below 16" },
    { field: "pids", value: 7, problem: "is below 8" },
    { field: "max_requests_per_day", value: 0, problem: "is below 1" },
    { field: "max_tokens_per_day", value: 0.5, problem: "is no whole number" },
    { field: "max_cost_per_day", value: 0, problem: "is below 0.000001" },
    {
      field: "upstream",
      value: "https://models.example",
      problem: "is not anthropic=URL, openai=URL or google=URL",
    },
    { field: "upstream", value: "mistral=https://models.example", problem: "is not anthropic=URL" },
    { field: "upstream", value: "openai=models", problem: "is not a URL" },
    { field: "upstream", value: "openai=http://models.example", problem: "is http, which is allowed for" },
    { field: "upstream", value: "openai=https://me:pw@models.example", problem: "has a password" },
    { field: "upstream", value: "openai=https://models.example?key=1", problem: "has a query" },
    { field: "cli_scope", value: "all", problem: "is not one of disabled, group, global" },
    { field: "cli_scope", value: null, problem: "is not one of" },
    { field: "tools", value: "allow", problem: "is not one of ask, allow-read, allow-all, deny" },
    { field: "network", value: "none", problem: "is not one of gateway, open" },
    { field: "network", value: "Open", problem: "is not one of gateway, open" },
  ])("refuses $field $value: $problem", ({ field, value, problem }) =>
    expect(outcome(field, value)).toContain(problem),
  );
});

describe("checkField, for lists and maps", () => {
  test.each<{ what: string; field: keyof Settings; value: unknown }>([
    { what: "all skills", field: "skills", value: "all" },
    { what: "no skills", field: "skills", value: [] },
    {
      what: "a program",
      field: "mcp_servers",
      value: { notes: { command: "npx", args: ["-y", "notes"], env: { A: "" } } },
    },
    {
      what: "an address",
      field: "mcp_servers",
      value: { web: { url: "http://[::1]:8080/mcp?x=1", headers: { "X-Key": "k" } } },
    },
    {
      what: "a program with the names of secrets",
      field: "mcp_servers",
      value: { notes: { command: "npx", env: { A: "" }, secretEnv: { TOKEN: "NOTES_TOKEN_2" } } },
    },
    {
      what: "an address with the name of a secret",
      field: "mcp_servers",
      value: { web: { url: "https://web.example/mcp", secretHeaders: { Authorization: "WEB" } } },
    },
    { what: "packages with a plus", field: "packages_apt", value: ["g++", "libstdc++6", "python3.11"] },
    {
      what: "packages with scope and version",
      field: "packages_npm",
      value: ["typescript", "@scope/tool@1.2.3-rc.1", "x@latest"],
    },
    {
      what: "a mount",
      field: "additional_mounts",
      value: [{ hostPath: "/srv/a b", containerPath: "/workspace/extra/a" }],
    },
  ])("saves $what unchanged", ({ field, value }) => expect(outcome(field, value)).toEqual(value));

  test.each<{ what: string; field: keyof Settings; value: unknown; problem: string }>([
    { what: "one skill as a text", field: "skills", value: "notes", problem: "skills is no list" },
    {
      what: "a skill that is a path",
      field: "skills",
      value: ["../x"],
      problem: "skills.0 is not a skill's name",
    },
    {
      what: "a server of a reserved name",
      field: "mcp_servers",
      value: { NanoClaw: { command: "x" } },
      problem: "mcp_servers.NanoClaw is reserved",
    },
    {
      what: "a server named __proto__",
      field: "mcp_servers",
      value: JSON.parse('{"__proto__":{"command":"x"}}') as unknown,
      problem: "mcp_servers.__proto__ is a name that no entry can have",
    },
    {
      what: "a variable named __proto__",
      field: "mcp_servers",
      value: { a: JSON.parse('{"command":"x","env":{"__proto__":"y"}}') as unknown },
      problem: "mcp_servers.a.env.__proto__ is a name that no entry can have",
    },
    {
      what: "a header named __proto__",
      field: "mcp_servers",
      value: { a: JSON.parse('{"url":"https://x.example","headers":{"__proto__":"y"}}') as unknown },
      problem: "mcp_servers.a.headers.__proto__ is a name that no entry can have",
    },
    {
      what: "a server's name with a dot",
      field: "mcp_servers",
      value: { "a.b": { command: "x" } },
      problem: "is not a server's name",
    },
    {
      what: "a program that is an address too",
      field: "mcp_servers",
      value: { a: { command: "x", url: "https://a.example" } },
      problem: "has a command and a url",
    },
    {
      what: "a server without a command or an address",
      field: "mcp_servers",
      value: { a: { args: [] } },
      problem: "has neither a command nor a url",
    },
    {
      what: "headers for a program",
      field: "mcp_servers",
      value: { a: { command: "x", headers: { A: "b" } } },
      problem: "headers are of no use",
    },
    {
      what: "an unknown key",
      field: "mcp_servers",
      value: { a: { command: "x", comand: "y" } },
      problem: "keys that mean nothing: comand",
    },
    {
      what: "a file's address",
      field: "mcp_servers",
      value: { a: { url: "file:///etc/passwd" } },
      problem: "is not an address",
    },
    {
      what: "a password in an address",
      field: "mcp_servers",
      value: { a: { url: "https://me:secret@a.example" } },
      problem: "is not an address",
    },
    {
      what: "a variable's name with =",
      field: "mcp_servers",
      value: { a: { command: "x", env: { "A=B": "c" } } },
      problem: "is not the name of an environment variable",
    },
    {
      what: "a header with a line break",
      field: "mcp_servers",
      value: { a: { url: "https://a.example", headers: { A: "b\r\nC: d" } } },
      problem: "control character",
    },
    {
      what: "a provider's name in place of a secret's",
      field: "mcp_servers",
      value: { a: { command: "x", secretEnv: { KEY: "anthropic" } } },
      problem: "mcp_servers.a.secretEnv.KEY is not a secret's name",
    },
    {
      what: "a value in place of a secret's name",
      field: "mcp_servers",
      value: { a: { url: "https://a.example", secretHeaders: { A: "Bearer x" } } },
      problem: "mcp_servers.a.secretHeaders.A is not a secret's name",
    },
    {
      what: "a variable with a value and a secret",
      field: "mcp_servers",
      value: { a: { command: "x", env: { KEY: "v" }, secretEnv: { KEY: "K" } } },
      problem: "mcp_servers.a.secretEnv.KEY has a value and a secret",
    },
    {
      what: "a header with a value and a secret, in another case",
      field: "mcp_servers",
      value: { a: { url: "https://a.example", headers: { "x-key": "v" }, secretHeaders: { "X-Key": "K" } } },
      problem: "mcp_servers.a.secretHeaders.X-Key has a value and a secret",
    },
    {
      what: "secret headers for a program",
      field: "mcp_servers",
      value: { a: { command: "x", secretHeaders: { A: "K" } } },
      problem: "secretHeaders are of no use",
    },
    {
      what: "secret variables for an address",
      field: "mcp_servers",
      value: { a: { url: "https://a.example", secretEnv: { A: "K" } } },
      problem: "secretEnv is of no use",
    },
    {
      what: "a secret variable named __proto__",
      field: "mcp_servers",
      value: { a: JSON.parse('{"command":"x","secretEnv":{"__proto__":"K"}}') as unknown },
      problem: "mcp_servers.a.secretEnv.__proto__ is a name that no entry can have",
    },
    {
      what: "an option in place of a package",
      field: "packages_apt",
      value: ["-y"],
      problem: "packages_apt.0 is not the name",
    },
    {
      what: "a package that apt would remove",
      field: "packages_apt",
      value: ["jq-"],
      problem: "packages_apt.0 is not the name",
    },
    {
      what: "a shell in a package",
      field: "packages_apt",
      value: ["jq", "jq$(id)"],
      problem: "packages_apt.1 is not the name",
    },
    {
      what: "a repeated package",
      field: "packages_npm",
      value: ["a", "a"],
      problem: "names a package twice",
    },
    {
      what: "a package from an address",
      field: "packages_npm",
      value: ["https://evil.example/x.tgz"],
      problem: "is not the name of an npm package",
    },
    {
      what: "a package from a folder",
      field: "packages_npm",
      value: ["../x"],
      problem: "is not the name of an npm package",
    },
    {
      what: "two mounts at one place",
      field: "additional_mounts",
      value: [
        { hostPath: "/a", containerPath: "x" },
        { hostPath: "/b", containerPath: "/workspace/extra/x/" },
      ],
      problem: "two mounts at one place",
    },
    {
      what: "a mount whose readonly is a text",
      field: "additional_mounts",
      value: [{ hostPath: "/a", containerPath: "x", readonly: "no" }],
      problem: "readonly is no true or false",
    },
  ])("refuses $what", ({ field, value, problem }) => expect(outcome(field, value)).toContain(problem));

  test("quotes no value in a problem, because it may be a secret", () => {
    const key = "s3cr3t-key-value";
    const server = { command: `${key}\0`, env: { A: [key], "B-B": key }, headers: { X: key }, url: key };
    expect(outcome("mcp_servers", { a: server })).not.toContain(key);
  });

  test("accepts only the allowed characters in a package's name", () => {
    fc.assert(
      fc.property(fc.constantFrom("packages_apt", "packages_npm"), fc.string(), (field, name) => {
        if (checkField(field, [name]).ok) expect(name).toMatch(/^[A-Za-z0-9@][A-Za-z0-9@/+._-]*$/);
      }),
    );
  });

  test("saves or refuses any JSON, and saves a saved value unchanged", () => {
    const fields = [
      "mcp_servers",
      "additional_mounts",
      "skills",
      "packages_apt",
      "timezone",
      "model",
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
        const once = checkField(field, value);
        if (once.ok) expect(checkField(field, once.value)).toEqual(once);
        else expect(once.error.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("checkScalars", () => {
  test("sets unset fields to null, and leaves out fields that are not named", () => {
    expect(checkScalars({ model: "opus" }, ["effort"])).toEqual({
      ok: true,
      value: { model: "opus", effort: null },
    });
    expect(checkScalars({})).toEqual({ ok: true, value: {} });
  });

  test("reports all problems at once", () => {
    const checked = checkScalars({ provider: "x", mcp_servers: {}, pids: 8, constructor: 1 }, [
      "pids",
      "cli_scope",
      "tools",
      "toString",
    ]);
    expect(!checked.ok && checked.error.problems.map(({ path, problem }) => `${path} ${problem}`)).toEqual([
      expect.stringContaining("mcp_servers is no field: there are provider, model,"),
      expect.stringContaining("constructor is no field"),
      expect.stringContaining("toString is no field"),
      "pids is both set and unset",
      "cli_scope cannot be unset: set it to group",
      "tools cannot be unset: set it to ask",
      expect.stringContaining("provider is not one of"),
    ]);
  });
});
