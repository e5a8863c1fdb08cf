import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { feedScreen, type Feed } from "./feed-screen.ts";
import type { Terminal } from "../ports.ts";
import { createScreen, type Screen } from "./screen.ts";

/** Longer than the piece that is drawn at once, and longer than the limit of waiting output. */
const storm = "\x1b[0m".repeat(20_000);

type Fed = { readonly screen: Screen; readonly feed: Feed; readonly log: string[] };

/**
 * A feed from a terminal that records pauses and resumes; without `pause`, it cannot be paused.
 */
const fed = (canPause = true): Fed => {
  const screen = createScreen();
  const log: string[] = [];
  const terminal: Pick<Terminal, "pause"> = canPause
    ? { pause: () => (log.push("paused"), () => log.push("goes on")) }
    : {};
  return { screen, log, feed: feedScreen(terminal, screen) };
};

const drained = async ({ screen }: Fed): Promise<void> => {
  while (screen.isBusy()) await nextTurn();
};

describe("feedScreen", () => {
  test("draws output, and does not pause a program that writes slowly", () => {
    const { screen, feed, log } = fed();
    for (let line = 0; line < 1_000; line += 1) feed.write(`line ${line}\r\n`);
    expect(screen.view().rows[38]).toBe("line 999");
    expect({ log, behind: feed.isBehind() }).toEqual({ log: [], behind: false });
  });

  test("pauses a program that writes too fast, once, and resumes it when all output is drawn", async () => {
    const run = fed();
    run.feed.write(storm);
    run.feed.write("more");
    expect({ log: run.log, behind: run.feed.isBehind() }).toEqual({ log: ["paused"], behind: true });
    await drained(run);
    expect({ log: run.log, behind: run.feed.isBehind() }).toEqual({
      log: ["paused", "goes on"],
      behind: false,
    });
    expect(run.screen.view().rows[0]).toBe("more");
  });

  test("resumes the program when it is stopped", () => {
    const { feed, log } = fed();
    feed.write(storm);
    feed.stop();
    feed.stop();
    expect(log).toEqual(["paused", "goes on"]);
  });

  test("keeps the output of a terminal without pause, up to a limit", async () => {
    const run = fed(false);
    run.feed.write("\x1b[0m".repeat(1_000_000));
    run.feed.write("here");
    await drained(run);
    expect(run.screen.view().rows[0]).toBe("here");
    expect(run.feed.isBehind()).toBe(false);
  });

  test("stays behind after it had to drop output", { tags: ["slow"] }, async () => {
    const run = fed(false);
    for (let part = 0; part < 20; part += 1) run.feed.write("x".repeat(2 ** 20));
    await drained(run);
    expect(run.feed.isBehind()).toBe(true);
  });
});
