import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { changeOwnProviders, ownProviderOf, parseOwnProvider, readOwnProviders } from "./own-providers.ts";
import { ownProvider } from "./testing/index.ts";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "providers-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

const row = ownProvider();

describe("a row of a provider", () => {
  test("is read as it was proposed", () =>
    expect(parseOwnProvider(JSON.stringify(row))).toEqual({ ok: true, value: row }));

  test.for<[string, object, string]>([
    ["another version", { v: 2 }, "v: is not 1: use the gatehouse that made the row"],
    ["an unknown field", { extra: 1 }, 'Unrecognized key: "extra"'],
    ["a name that is a path", { name: "../x" }, "name: is no name of small letters, digits and -"],
    ["an empty command", { command: [] }, "command: is empty"],
    [
      "no address",
      { env: { KEY: "{key}" } },
      "env: has no {url}, so its requests would not go through the gateway",
    ],
    [
      "no key",
      { env: { URL: "{url}" } },
      "env: has no {key}, so its requests would not go through the gateway",
    ],
    ["no name of a variable", { env: { ...row.env, "A B": "" } }, "env.A B: is no name of a variable"],
    ["an unknown place of input", { inputIn: "mind" }, "inputIn: "],
  ])("is refused with %s", ([, change, problem]) => {
    const read = parseOwnProvider(JSON.stringify({ ...row, ...change }));
    expect(read.ok ? [] : read.error).toEqual([expect.stringContaining(problem)]);
  });

  test.for(["", "[", "null", "7"])("is refused if it is no object: %s", (text) =>
    expect(parseOwnProvider(text)).toEqual({ ok: false, error: ["it is no JSON object"] }),
  );
});

describe("the operator's providers", () => {
  test("are none without a file, and are kept sorted, for this account alone", async () => {
    const dataDir = folder();
    expect(await readOwnProviders(dataDir)).toEqual({ ok: true, value: [] });
    const other = { ...row, name: "a" };
    await changeOwnProviders(dataDir, (before) => [...before, row]);
    await changeOwnProviders(dataDir, (before) => [...before, other]);
    expect(await readOwnProviders(dataDir)).toEqual({ ok: true, value: [other, row] });
    expect(statSync(join(dataDir, "providers.json")).mode & 0o777).toBe(0o600);
  });

  test.for([
    { what: "a file that others may write", text: '{"v":1,"providers":[]}', mode: 0o622 },
    { what: "a later version", text: '{"v":2,"providers":[]}', mode: 0o600 },
    { what: "a torn file", text: '{"v":1', mode: 0o600 },
  ])("are none in $what, which stays", async ({ text, mode }) => {
    const dataDir = folder();
    const file = join(dataDir, "providers.json");
    writeFileSync(file, text);
    chmodSync(file, mode);
    const problem = { ok: false, error: { code: "providers-unreadable", file } };
    expect(await readOwnProviders(dataDir)).toMatchObject(problem);
    expect(await changeOwnProviders(dataDir, () => [row])).toMatchObject(problem);
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(await ownProviderOf(dataDir, "own:kimi")).toMatchObject({ ok: false });
  });

  test("are found by the name that groups have; a provider of ours is none", async () => {
    const dataDir = folder();
    await changeOwnProviders(dataDir, () => [row]);
    expect(await ownProviderOf(dataDir, "own:kimi")).toEqual({ ok: true, value: row });
    expect(await ownProviderOf(dataDir, "kimi")).toEqual({ ok: true, value: null });
    expect(await ownProviderOf(dataDir, "own:other")).toEqual({
      ok: false,
      error:
        'This host has no provider "own:other". It has own:kimi. Its operator adds one: gatehouse providers add ROW',
    });
  });
});
