import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { feedScreen, type Feed } from "./feed-screen.ts";
import type { Terminal } from "../ports.ts";
import { createScreen, type Screen } from "./screen.ts";

/** More than is drawn at once, and more than may wait. */
const storm = "\x1b[0m".repeat(20_000);

type Fed = { readonly screen: Screen; readonly feed: Feed; readonly log: string[] };

/**
 * A feed from a terminal that says when it is paused and when it may go on; without `pause`, it cannot be.
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
  test("draws what is written, and does not pause a program that keeps its pace", () => {
    const { screen, feed, log } = fed();
    for (let line = 0; line < 1_000; line += 1) feed.write(`line ${line}\r\n`);
    expect(screen.view().rows[38]).toBe("line 999");
    expect({ log, behind: feed.isBehind() }).toEqual({ log: [], behind: false });
  });

  test("pauses a program that is ahead, once, and lets it go on when all is drawn", async () => {
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

  test("leaves no program waiting when it is stopped", () => {
    const { feed, log } = fed();
    feed.write(storm);
    feed.stop();
    feed.stop();
    expect(log).toEqual(["paused", "goes on"]);
  });

  test("keeps what a terminal without a pause writes, as far as it can be kept", async () => {
    const run = fed(false);
    run.feed.write("\x1b[0m".repeat(1_000_000));
    run.feed.write("here");
    await drained(run);
    expect(run.screen.view().rows[0]).toBe("here");
    expect(run.feed.isBehind()).toBe(false);
  });

  test("is behind for ever once it had to leave something out", { tags: ["slow"] }, async () => {
    const run = fed(false);
    for (let part = 0; part < 20; part += 1) run.feed.write("x".repeat(2 ** 20));
    await drained(run);
    expect(run.feed.isBehind()).toBe(true);
  });
});
