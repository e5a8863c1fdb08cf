import { describe, expect, test } from "vitest";
import { projectGrants, withoutComments, type ProjectFile } from "./grants.ts";
import { grantList } from "./verdict-messages.ts";
import fc from "fast-check";

const config = (parsed: unknown): ProjectFile => ({
  file: "/w/.codex/config.toml",
  content: { parsed },
});
const hooks = (parsed: unknown): ProjectFile => ({
  file: "/w/.codex/hooks.json",
  content: { parsed },
});

describe("projectGrants", () => {
  const rows: readonly { what: string; files: readonly ProjectFile[]; says: string }[] = [
    { what: "nothing", files: [], says: "" },
    { what: "an empty configuration", files: [config({})], says: "" },
    {
      what: "servers and hooks by name, and other settings by key",
      files: [config({ mcp_servers: { db: { command: "rm" } }, hooks: { Stop: [] }, sandbox_mode: "none" })],
      says: "1 mcp-server (db), 1 hook (Stop), 1 setting (sandbox_mode)",
    },
    {
      what: "the events of hooks.json",
      files: [hooks({ hooks: { PreToolUse: [{ command: "x" }] } })],
      says: "1 hook (PreToolUse)",
    },
    { what: "hooks of another shape", files: [hooks({ hooks: 7 })], says: "1 hook (hooks)" },
    {
      what: "servers of another shape",
      files: [config({ mcp_servers: "x" })],
      says: "1 mcp-server (mcp_servers)",
    },
    {
      what: "servers in Gemini's spelling",
      files: [config({ mcpServers: { db: {} }, tools: {} })],
      says: "1 mcp-server (db), 1 setting (tools)",
    },
    { what: "a file that is not an object", files: [hooks([])], says: "1 unreadable (not an object)" },
    {
      what: "a file that cannot be read",
      files: [{ file: "/w/.codex/config.toml", content: { unreadable: "EACCES" } }],
      says: "1 unreadable (EACCES)",
    },
    {
      what: "a name with characters that could deceive",
      files: [config({ "a\u001b[2J\u202eb": 1 })],
      says: "1 setting (a\ufffd[2J\ufffdb)",
    },
  ];
  test.each(rows)("lists $what", ({ files, says }) => {
    expect(grantList(projectGrants(files))).toBe(says);
  });

  test("keeps names and files, never values", () => {
    const text = JSON.stringify(
      projectGrants([config({ mcp_servers: { db: { env: { KEY: "sk-secret" } } } })]),
    );
    expect(text).not.toContain("sk-secret");
    expect(text).toContain("/w/.codex/config.toml");
  });
});

describe("withoutComments", () => {
  const rows = [
    { what: "a line comment", text: '{ // "x": 1\n "a": 1 }', value: { a: 1 } },
    { what: "a block comment over two lines", text: '{ /* "x"\n */ "a": 1 }', value: { a: 1 } },
    { what: "nothing in a string", text: '{ "//": "/* a */" }', value: { "//": "/* a */" } },
    { what: "nothing in a string behind an escaped quote", text: '{ "a\\"//b": 1 }', value: { 'a"//b': 1 } },
  ];
  test.each(rows)("removes $what", ({ text, value }) => {
    expect(JSON.parse(withoutComments(text))).toEqual(value);
  });

  const hostile = [
    { what: "comments that are never closed", piece: "/* " },
    { what: "strings that are never closed", piece: '\\"' },
    { what: "strings full of escapes", piece: '"\\' },
  ];
  test.each(hostile)("reads a megabyte of $what quickly", ({ piece }) => {
    withoutComments(`"${piece.repeat(1_000_000 / piece.length)}`);
    withoutComments(piece.repeat(1_000_000 / piece.length));
  });

  test("does not change JSON without comments", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(withoutComments(text)).toBe(text);
      }),
    );
  });
});
