import { expect, test } from "vitest";
import { exactTimeOf, withTimes } from "./parts.ts";

test.each([
  ["a sentence without a time", "2 running", "2 running"],
  [
    "a time within a sentence",
    "away since 2026-11-29T15:55:55.782Z; start it",
    'away since <time datetime="2026-11-29T15:55:55.782Z" title="2026-11-29T15:55:55.782Z">2026-11-29 15:55 UTC</time>; start it',
  ],
  ["a day, which is no time", "until 2026-11-29", "until 2026-11-29"],
  ["markup beside a time", "<b>", "&lt;b&gt;"],
])("the times of a host's sentence are times of the page: %s", async (_what, text, shown) =>
  expect(String(await withTimes(text))).toBe(shown),
);

test("a log has its times to the second", () =>
  expect(exactTimeOf("2026-11-29T15:55:55.782Z")).toBe("2026-11-29 15:55:55 UTC"));
