import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkField, checkScalars } from "./check-config.ts";
import type { Settings } from "./fields.ts";

/** What a value becomes, or what is wrong with it. */
const outcome = (field: keyof Settings, value: unknown): unknown => {
  const checked = checkField(field, value);
  return checked.ok
    ? checked.value
    : checked.error.problems.map(({ path, problem }) => `${path} ${problem}`).join("; ");
};

describe("a single value", () => {
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
      value: "registry.example:5000/agent@sha256:0a",
      saved: "registry.example:5000/agent@sha256:0a",
    },
    { field: "assistant_name", value: "Ada’s agent", saved: "Ada’s agent" },
    { field: "max_messages_per_prompt", value: 1, saved: 1 },
    { field: "timezone", value: "europe/berlin", saved: "Europe/Berlin" },
    { field: "timezone", value: "UTC", saved: "UTC" },
    { field: "timezone", value: "Asia/Kolkata", saved: "Asia/Kolkata" },
    { field: "timezone", value: "America/Argentina/Buenos_Aires", saved: "America/Argentina/Buenos_Aires" },
    { field: "cpus", value: 0.5, saved: 0.5 },
    { field: "memory_mb", value: 16, saved: 16 },
    { field: "cli_scope", value: "disabled", saved: "disabled" },
    { field: "model", value: null, saved: null },
  ])("$field $value is saved as $saved", ({ field, value, saved }) =>
    expect(outcome(field, value)).toEqual(saved),
  );

  test.each<{ field: keyof Settings; value: unknown; problem: string }>([
    { field: "provider", value: "claud", problem: "is not one of claude, codex, gemini" },
    { field: "provider", value: "echoes", problem: "opencode, pi, echo" },
    { field: "model", value: "", problem: "is empty: to clear it, use --unset model" },
    { field: "model", value: "opus; rm -rf /", problem: "is not a model's name" },
    { field: "model", value: "-p", problem: "is not a model's name" },
    { field: "model", value: true, problem: "model is no text" },
    { field: "effort", value: "very high", problem: "is not an effort level" },
    { field: "image_tag", value: "agent tag", problem: "is not an image's name" },
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
    { field: "cli_scope", value: "all", problem: "is not one of disabled, group, global" },
    { field: "cli_scope", value: null, problem: "is not one of" },
  ])("$field $value is refused: $problem", ({ field, value, problem }) =>
    expect(outcome(field, value)).toContain(problem),
  );
});

describe("lists and maps", () => {
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
  ])("$what is saved as it is", ({ field, value }) => expect(outcome(field, value)).toEqual(value));

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
      what: "neither",
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
      what: "an option as a package",
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
    { what: "a package twice", field: "packages_npm", value: ["a", "a"], problem: "names a package twice" },
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
      what: "a mount that is writable by a text",
      field: "additional_mounts",
      value: [{ hostPath: "/a", containerPath: "x", readonly: "no" }],
      problem: "readonly is no true or false",
    },
  ])("$what is refused", ({ field, value, problem }) => expect(outcome(field, value)).toContain(problem));

  test("no problem quotes a value: it may be a secret", () => {
    const key = "s3cr3t-key-value";
    const server = { command: `${key}\0`, env: { A: [key], "B-B": key }, headers: { X: key }, url: key };
    expect(outcome("mcp_servers", { a: server })).not.toContain(key);
  });

  test("whatever is put into a package's name, nothing but its own characters passes", () => {
    fc.assert(
      fc.property(fc.constantFrom("packages_apt", "packages_npm"), fc.string(), (field, name) => {
        if (checkField(field, [name]).ok) expect(name).toMatch(/^[A-Za-z0-9@][A-Za-z0-9@/+._-]*$/);
      }),
    );
  });

  test("whatever JSON is put into any field, it is saved or refused, and what was saved is saved again as it is", () => {
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
  test("what is unset becomes null, what is not named is left out", () => {
    expect(checkScalars({ model: "opus" }, ["effort"])).toEqual({
      ok: true,
      value: { model: "opus", effort: null },
    });
    expect(checkScalars({})).toEqual({ ok: true, value: {} });
  });

  test("all problems are told at once", () => {
    const checked = checkScalars({ provider: "x", mcp_servers: {}, pids: 8, constructor: 1 }, [
      "pids",
      "cli_scope",
      "toString",
    ]);
    expect(!checked.ok && checked.error.problems.map(({ path, problem }) => `${path} ${problem}`)).toEqual([
      expect.stringContaining("mcp_servers is no field: there are provider, model,"),
      expect.stringContaining("constructor is no field"),
      expect.stringContaining("toString is no field"),
      "pids is both set and unset",
      "cli_scope cannot be unset: set it to group",
      expect.stringContaining("provider is not one of"),
    ]);
  });
});
