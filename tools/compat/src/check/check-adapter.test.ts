import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { codexPack } from "@trust/dialog-engine/packs";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { codexAdapterScenarios } from "../scenarios/adapter.ts";
import { checkAdapter } from "./check-adapter.ts";
import { usePrograms } from "../start/programs.ts";

usePrograms(inject("programs"));

const slow = { tags: ["slow"] };
const program = fileURLToPath(new URL("../../../../test-fixtures/programs/fake-codex.mjs", import.meta.url));

/** The fake Codex, with the behaviour of these fields. */
const fake = (fields: object): InstalledCli => {
  const folder = mkdtempSync(join(tmpdir(), "gh-fake-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(program, join(folder, "codex"));
  writeFileSync(join(folder, "fake-codex.json"), JSON.stringify(fields));
  return { provider: "codex", version: "0.101.0", path: join(folder, "codex") };
};

const check = (name: string, fields: object): Promise<string[]> => {
  const scenario = codexAdapterScenarios.find((row) => row.name === name);
  if (scenario === undefined) throw new TypeError(`no scenario ${name}`);
  return checkAdapter(fake(fields), { pack: codexPack, scenario }, new AbortController().signal);
};

describe("checkAdapter", () => {
  test.for([{ name: "adapter" }, { name: "adapter-untrusted" }])(
    "finds no problem with a well-behaved CLI ($name)",
    slow,
    async ({ name }) => expect(await check(name, {})).toEqual([]),
  );

  test.for([
    { does: "writes trust down", name: "adapter", fields: { writesTrust: true }, says: ".codex/config.toml" },
    { does: "never asks", name: "adapter-untrusted", fields: { start: "composer" }, says: "the events" },
    { does: "ends", name: "adapter", fields: { start: "sign-in-and-exit" }, says: "the exit code" },
  ])("says what is wrong where the CLI $does", slow, async ({ name, fields, says }) => {
    expect((await check(name, fields)).join("\n")).toContain(says);
  });
});
