import { readdirSync, readFileSync } from "node:fs";
import { createScreen, parseCast } from "@trust/dialog-engine";
import { describe, expect, test } from "vitest";
import { fixtureFolder } from "../record/fixtures.ts";
import type { Shown } from "../scenarios/scenario.ts";
import { whatIsShown } from "./start-plainly.ts";

const folder = fixtureFolder("claude");

/** The last screen of a recording. */
const lastScreen = async (file: string): Promise<readonly string[]> => {
  const cast = parseCast(readFileSync(`${folder}${file}`, "utf8"));
  if (!cast.ok) throw new Error(cast.error.message);
  const screen = createScreen();
  const drained = new Promise<void>((resolve) => screen.onDrain(resolve));
  screen.write(cast.value.events.flatMap(([, kind, data]) => (kind === "o" ? [data] : [])).join(""));
  await drained;
  return screen.view().rows;
};

const last: readonly { scenario: string; shown: Shown }[] = [
  { scenario: "trust-unanswered", shown: "trust" },
  { scenario: "ready", shown: "composer" },
  { scenario: "api-key", shown: "api-key" },
  { scenario: "imports", shown: "imports" },
  { scenario: "fresh", shown: "nothing" },
];

describe("whatIsShown", () => {
  const files = readdirSync(folder);
  for (const { scenario, shown } of last) {
    // From 2.1.0 on: an older CLI keeps an answered dialog above the next one.
    const own = files.filter((file) => new RegExp(`^claude-2\\.1\\.\\d+-${scenario}\\.cast$`).test(file));
    test.each(own)(`%s ends on: ${shown}`, async (file) => {
      expect(whatIsShown(await lastScreen(file))).toBe(shown);
    });
  }
});
