import { describe, expect, test } from "vitest";
import { createFetchProgress } from "./fetch-progress.ts";

const shownOn = (isTTY: boolean) => {
  const written: string[] = [];
  const clock = { at: 5_000 };
  const output = { isTTY, columns: 80, write: (text: string) => written.push(text) };
  const fetched = { name: "Claude Code 1.2.3", into: "/data", megabytes: 240 };
  return { written, clock, progress: createFetchProgress(fetched, output, () => clock.at) };
};

describe("createFetchProgress", () => {
  test("shows fetched bytes, total bytes and seconds on a terminal, and ends in one line", () => {
    const { written, clock, progress } = shownOn(true);
    clock.at += 1500;
    progress.onBytes(47_400_000);
    clock.at += 2500;
    progress.onBytes(241_000_000);
    progress.end(true);
    expect(written).toEqual([
      "Fetching Claude Code 1.2.3 from npm into /data: about 240 MB.\n",
      "\r\x1b[K  47 of about 240 MB, 1.5 s",
      "\r\x1b[K  241 of about 240 MB, 4.0 s",
      "\r\x1b[K",
      "Fetched Claude Code 1.2.3: 241 MB in 4.0 s.\n",
    ]);
  });

  test("prints a line every 10 s without a terminal", () => {
    const { written, clock, progress } = shownOn(false);
    for (const passed of [500, 9499, 1, 500]) {
      clock.at += passed;
      progress.onBytes(clock.at * 1000);
    }
    progress.end(true);
    expect(written).toEqual([
      "Fetching Claude Code 1.2.3 from npm into /data: about 240 MB.\n",
      "  15 of about 240 MB, 10.0 s\n",
      "Fetched Claude Code 1.2.3: 16 MB in 10.5 s.\n",
    ]);
  });

  test("prints no closing line after a failure, which the caller reports", () => {
    const { written, progress } = shownOn(true);
    progress.onBytes(1_000_000);
    progress.end(false);
    expect(written.at(-1)).toBe("\r\x1b[K");
  });
});
