// @module-tag rest
import { codexPack } from "@trust/dialog-engine/packs";
import { describe, expect, inject, test } from "vitest";
import { codexAdapterScenarios } from "../scenarios/adapter.ts";
import { checkAdapter } from "./check-adapter.ts";
import { usePrograms } from "../start/programs.ts";
import { fakeCli } from "./fake-cli.fixture.ts";

usePrograms(inject("programs"));

const slow = { tags: ["slow"] };
const check = (name: string, fields: object): Promise<string[]> => {
  const scenario = codexAdapterScenarios.find((row) => row.name === name);
  if (scenario === undefined) throw new TypeError(`no scenario ${name}`);
  return checkAdapter(fakeCli("codex", fields), { pack: codexPack, scenario }, new AbortController().signal);
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
