import { describe, expect, test } from "vitest";
import { readerOf, type Text } from "./dialog-text.ts";
import { passageOf } from "./passage.ts";
import { claudePack } from "../packs/claude.ts";

const rule = claudePack.rules.find(({ id }) => id === "claude/granted-permissions");
const body: Text = rule?.type === "select" ? (rule.body ?? []) : [];
const adds = "⚠ This folder adds 2 directories to the workspace in :";

/** A search that tried one way after the other took a minute for each of these on a screen of 40 rows. */
const repeated = [adds, `${adds}${":".repeat(36)}`, ":", "a, ", "(", "{folder}"];

describe("a text that repeats a sentence's beginning", () => {
  test.each(repeated)("is refused quickly: %s", (piece) => {
    const text = `Accessing workspace: /w ⚠ This folder pre-approves 1 tool permission in a: b${piece.repeat(5_000)}`;
    const passage = passageOf(text.slice(0, 20_000).match(/.{1,120}/gu) ?? [], 120);
    const reader = readerOf(body, { folder: { path: "/w" }, slots: claudePack.slots });
    expect(reader.problemsOf(passage)).not.toEqual([]);
  });
});
