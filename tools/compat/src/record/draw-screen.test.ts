import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainCast, parseCast } from "@trust/dialog-engine";
import { claudePack } from "@trust/dialog-engine/packs";
import { drawScreen } from "./draw-screen.ts";

const root = join(import.meta.dirname, "../../../..");

test("the README's picture matches the trust dialog of a recording in our terminal model", async () => {
  const recording = readFileSync(
    join(root, "test-fixtures/claude/claude-2.1.328-trust-unanswered.cast"),
    "utf8",
  );
  const cast = parseCast(recording);
  if (!cast.ok) throw new Error("the recording cannot be read");
  const asked = explainCast(cast.value, claudePack).find(({ rows }) =>
    rows.some((row) => row.includes("❯ No, exit")),
  );
  const picture = drawScreen(
    "Claude Code 2.1.328 asks whether to trust a folder; the pointer is on “No, exit”",
    asked?.rows ?? [],
    120,
  );
  await expect(picture).toMatchFileSnapshot(join(root, "docs/trust-dialog.svg"));
});

test("draws rows as text in order, without the empty ones around them, and escapes markup", () => {
  const picture = drawScreen("a <title>", ["", "first & last", "❯ here", "x".repeat(30), "", ""], 20);
  const texts = [...picture.matchAll(/<text[^>]*>(.*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual(["first &amp; last", "❯ here", "x".repeat(20)]);
  expect(picture).toContain("<title>a &lt;title&gt;</title>");
  expect(picture.match(/fill="#ffb86c"/g)).toHaveLength(1);
});
