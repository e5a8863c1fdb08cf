import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { keySource } from "./secrets/key-source.ts";
import { vendorKeys } from "./secrets/secrets-file.ts";
import { mcpSecretProblem, mcpSecretsFor, mcpSecrets } from "./mcp-secrets.ts";

const valuesFor = async (dataDir: string, group: string, ...names: readonly string[]): Promise<unknown> => {
  const found = await mcpSecretsFor(dataDir, { group, names });
  return found.ok ? found.value : found.error;
};

describe("the secrets for MCP servers", () => {
  test("are the group's own, else those for all groups, and only the named ones", async () => {
    const dataDir = temporaryFolder();
    expect(await valuesFor(dataDir, "ag-1", "TOKEN")).toEqual({});
    await mcpSecrets.set(dataDir, { name: "TOKEN", group: null, value: "for all" });
    await mcpSecrets.set(dataDir, { name: "TOKEN", group: "ag-2", value: "for two" });
    await mcpSecrets.set(dataDir, { name: "OTHER", group: "ag-2", value: "other" });
    expect(await valuesFor(dataDir, "ag-1", "TOKEN", "OTHER")).toEqual({ TOKEN: "for all" });
    expect(await valuesFor(dataDir, "ag-2", "TOKEN")).toEqual({ TOKEN: "for two" });
    await mcpSecrets.set(dataDir, { name: "TOKEN", group: "ag-2", value: "anew" });
    expect(await valuesFor(dataDir, "ag-2", "TOKEN")).toEqual({ TOKEN: "anew" });
    const named = { name: "TOKEN", group: "ag-2" };
    expect(await mcpSecrets.remove(dataDir, named)).toEqual({ ok: true, value: true });
    expect(await mcpSecrets.remove(dataDir, named)).toEqual({ ok: true, value: false });
    expect(await valuesFor(dataDir, "ag-2", "TOKEN")).toEqual({ TOKEN: "for all" });
  });

  test("are in a file that only its owner may read, apart from the vendors' keys", async () => {
    const dataDir = temporaryFolder();
    await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "sk-ant-key" });
    await mcpSecrets.set(dataDir, { name: "TOKEN", group: null, value: "token" });
    expect(readdirSync(dataDir).toSorted()).toEqual(["mcp-secrets.json", "secrets.json"]);
    expect((statSync(mcpSecrets.fileIn(dataDir)).mode & 0o777).toString(8)).toBe("600");
    expect(readFileSync(mcpSecrets.fileIn(dataDir), "utf8")).not.toContain("sk-ant-key");
    expect(readFileSync(vendorKeys.fileIn(dataDir), "utf8")).not.toContain("token");
  });

  test("never are a vendor's key, under any name, and are never sent to a vendor", async () => {
    const dataDir = temporaryFolder();
    await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "sk-ant-key" });
    const names = ["anthropic", "openai", "ANTHROPIC", "ANTHROPIC_API_KEY", "secrets", "__proto__", "0"];
    expect(await valuesFor(dataDir, "ag-1", ...names)).toEqual({});
    await mcpSecrets.set(dataDir, { name: "openai", group: null, value: "not a key" });
    expect(await keySource(dataDir).keyOf("openai", "ag-1")).toMatchObject({ ok: false });
  });

  test("are not read from a file in the form of the vendors' keys, which is kept", async () => {
    const dataDir = temporaryFolder();
    await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "sk-ant-key" });
    const keys = readFileSync(vendorKeys.fileIn(dataDir));
    writeFileSync(mcpSecrets.fileIn(dataDir), keys, { mode: 0o600 });
    const refused = await valuesFor(dataDir, "ag-1", "anthropic");
    expect(refused).toMatchObject({
      code: "secrets-unreadable",
      detail: expect.stringContaining("not a file"),
    });
    expect(JSON.stringify(refused)).not.toContain("sk-ant-key");
    expect(await mcpSecrets.set(dataDir, { name: "A", group: null, value: "v" })).toMatchObject({
      ok: false,
    });
    expect(readFileSync(mcpSecrets.fileIn(dataDir))).toEqual(keys);
  });

  test("are set by two commands at once without losing one", async () => {
    const dataDir = temporaryFolder();
    const names = Array.from({ length: 10 }, (_, n) => `S${n}`);
    await Promise.all(names.map((name) => mcpSecrets.set(dataDir, { name, group: null, value: name })));
    expect(await valuesFor(dataDir, "ag-1", ...names)).toEqual(Object.fromEntries(names.map((n) => [n, n])));
  });
});

test.each([
  { text: "Bearer a b", problem: null },
  { text: "-----BEGIN-----\nx\n-----END-----", problem: null },
  { text: "", problem: "It is empty." },
  { text: "hush\0", problem: "It has a NUL character." },
  { text: "hush".repeat(10_000), problem: "It has more than 32768 characters." },
])("mcpSecretProblem of a text: $problem", ({ text, problem }) => {
  expect(mcpSecretProblem(text)).toBe(problem);
});
