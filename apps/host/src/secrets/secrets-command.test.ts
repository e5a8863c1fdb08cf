import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { ranCli } from "../ran-cli.fixture.ts";

const key = "sk-ant-api03-secret";

/** Runs the command on a data folder, with this text on stdin. */
const secrets = async (dataDir: string, args: readonly string[], input = "") => {
  const ran = await ranCli({ dataDir, input }, "secrets", ...args);
  return { ...ran, all: ran.stdout + ran.stderr };
};

const folderWithGroups = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  await addRow(db, "agent_groups", { id: "ag-1", name: "Ana", folder: "ana" });
  await addRow(db, "agent_groups", { id: "ag-2", name: "Bo", folder: "bo" });
  return dataDir;
};

const file = (dataDir: string): string => readFileSync(join(dataDir, "secrets.json"), "utf8");

const mcpFile = (dataDir: string): string => readFileSync(join(dataDir, "mcp-secrets.json"), "utf8");

describe("gatehouse secrets", () => {
  test("sets a key from stdin, lists it by name, and removes it; never prints it", async () => {
    const dataDir = await folderWithGroups();
    const set = await secrets(dataDir, ["set", "anthropic"], `${key}\n`);
    expect(set).toMatchObject({ code: 0, stderr: "" });
    expect(set.stdout).toBe(
      "set the key of anthropic for all groups without a key of their own; a running host uses it at once\n",
    );
    expect((await secrets(dataDir, ["set", "openai", "--group", "ana"], "sk-proj-two")).code).toBe(0);
    const printer = ["set", "openai", "--command", "--group", "ag-2", "--", "pass", "show", "hush"];
    expect((await secrets(dataDir, printer)).code).toBe(0);
    expect((statSync(join(dataDir, "secrets.json")).mode & 0o777).toString(8)).toBe("600");
    expect(file(dataDir)).toContain(key);
    const listed = await secrets(dataDir, ["list"]);
    expect(listed.stdout.replaceAll(/ +/g, " ")).toBe(
      "anthropic all groups stored\nopenai Ana stored\nopenai Bo by the command pass\n",
    );
    const json = await secrets(dataDir, ["list", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      secrets: [
        { provider: "anthropic", group: null, source: "stored" },
        { provider: "openai", group: "ag-1", groupName: "Ana", source: "stored" },
        { provider: "openai", group: "ag-2", groupName: "Bo", source: "command", program: "pass" },
      ],
    });
    for (const { all } of [set, listed, json]) expect(all).not.toMatch(/sk-|hush/);
    expect((await secrets(dataDir, ["remove", "anthropic"])).stdout).toBe("removed the key of anthropic\n");
    expect(file(dataDir)).not.toContain(key);
    const acts = readdirSync(join(dataDir, "acts")).map((name) =>
      readFileSync(join(dataDir, "acts", name), "utf8"),
    );
    const all = { name: "anthropic", group: "all groups without their own" };
    expect(acts.map((text) => JSON.parse(text) as object)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ command: "secrets set", args: { ...all, source: "stored" } }),
        expect.objectContaining({ args: { name: "openai", group: "ag-2", source: "command" } }),
        expect.objectContaining({ command: "secrets remove", args: all }),
      ]),
    );
    expect(acts.join("")).not.toMatch(/sk-|hush/);
    expect((await secrets(dataDir, ["remove", "anthropic"])).stdout).toBe("there was no key of anthropic\n");
  });

  test("calls the token of a subscription by that name", async () => {
    const dataDir = await folderWithGroups();
    const set = await secrets(dataDir, ["set", "anthropic", "--group", "ana"], "sk-ant-oat01-secret");
    expect(set.stdout).toBe(
      "set the token of a subscription of anthropic for Ana; a running host uses it at once\n",
    );
    const listed = await secrets(dataDir, ["list"]);
    expect(listed.stdout.replaceAll(/ +/g, " ")).toBe("anthropic Ana stored: the token of a subscription\n");
    expect(set.all + listed.all).not.toContain("sk-ant");
  });

  test("sets a secret of MCP servers for a group or for all, lists it by name, and removes it", async () => {
    const dataDir = await folderWithGroups();
    const value = "planted two words";
    const set = await secrets(dataDir, ["set", "RSS_TOKEN"], `${value}\n`);
    expect(set).toMatchObject({ code: 0, stderr: "" });
    expect(set.stdout).toBe(
      "set the secret RSS_TOKEN for all groups without their own; agents get it at their next start\n",
    );
    expect((await secrets(dataDir, ["set", "PEM", "--group", "ana"], "planted\nlines")).code).toBe(0);
    expect((await secrets(dataDir, ["set", "anthropic"], key)).code).toBe(0);
    expect(mcpFile(dataDir)).toContain(value);
    expect((statSync(join(dataDir, "mcp-secrets.json")).mode & 0o777).toString(8)).toBe("600");
    // Keys and secrets of MCP servers are in different files.
    expect(file(dataDir)).not.toContain("planted");
    expect(mcpFile(dataDir)).not.toContain(key);
    const listed = await secrets(dataDir, ["list"]);
    expect(listed.stdout.replaceAll(/ +/g, " ")).toBe(
      "anthropic all groups stored\nRSS_TOKEN all groups stored, for MCP servers\nPEM Ana stored, for MCP servers\n",
    );
    const json = await secrets(dataDir, ["list", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      mcpSecrets: [
        { name: "RSS_TOKEN", group: null, groupName: null },
        { name: "PEM", group: "ag-1", groupName: "Ana" },
      ],
    });
    for (const { all } of [set, listed, json]) expect(all).not.toContain("planted");
    expect((await secrets(dataDir, ["remove", "PEM"])).stdout).toBe("there was no secret PEM\n");
    expect((await secrets(dataDir, ["remove", "PEM", "--group", "Ana"])).stdout).toBe(
      "removed the secret PEM for Ana; running agents have it until they end\n",
    );
    expect(mcpFile(dataDir)).not.toContain("lines");
  });

  test.for([
    { what: "a key in the arguments", args: ["set", "anthropic", key], code: 2, says: /can read arguments/ },
    {
      what: "--command without a program",
      args: ["set", "anthropic", "--command"],
      code: 2,
      says: /needs a program/,
    },
    {
      what: "a name that is neither a provider's nor a secret's",
      args: ["set", "mistral"],
      code: 2,
      says: /neither a provider \(anthropic, openai, google\) nor the name of a secret/,
    },
    { what: "a key in place of a name", args: ["set", key], code: 2, says: /neither a provider/ },
    { what: "a secret in the arguments", args: ["set", "RSS", key], code: 2, says: /can read arguments/ },
    {
      what: "a command that prints a secret",
      args: ["set", "RSS", "--command", "--", "pass", "rss"],
      code: 2,
      says: /--command is only for the keys of providers/,
    },
    { what: "an empty secret", args: ["set", "RSS"], input: "\n", code: 1, says: /It is empty/ },
    {
      what: "an unknown group",
      args: ["set", "openai", "--group", "cy"],
      code: 1,
      says: /Ana \(ag-1\), Bo \(ag-2\)/,
    },
    { what: "an empty key", args: ["set", "openai"], input: "\n", code: 1, says: /It is empty/ },
    { what: "a key of two lines", args: ["set", "openai"], input: "a\nb", code: 1, says: /a line end/ },
    {
      what: "a key of another vendor",
      args: ["set", "google"],
      code: 1,
      says: /It is a key of anthropic, not of google: gatehouse secrets set anthropic\n/,
    },
  ])("refuses $what", async ({ args, input = key, code, says }) => {
    const dataDir = await folderWithGroups();
    const refused = await secrets(dataDir, args, input);
    expect(refused).toMatchObject({ code });
    expect(refused.stderr).toMatch(says);
    expect(refused.all).not.toContain(key);
    expect(() => file(dataDir)).toThrow(/ENOENT/);
    expect(() => mcpFile(dataDir)).toThrow(/ENOENT/);
  });

  test("reports a missing data folder as one JSON document, and shows examples in its help", async () => {
    const dataDir = join(temporaryFolder(), "none");
    const refused = await secrets(dataDir, ["set", "openai", "--json"], key);
    expect(refused).toMatchObject({ code: 1, stderr: "" });
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code: "no-data-folder" } });
    expect((await secrets(dataDir, ["set", "--help"])).stdout).toContain(
      "gatehouse secrets set anthropic <key.txt",
    );
  });

  test("does not overwrite a file that it cannot read", async () => {
    const dataDir = temporaryFolder();
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, "secrets.json"), "mine", { mode: 0o600 });
    expect((await secrets(dataDir, ["set", "anthropic"], key)).stderr).toMatch(
      /cannot be read: it is not a file of gatehouse/,
    );
    expect(file(dataDir)).toBe("mine");
  });
});
