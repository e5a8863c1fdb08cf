import { describe, expect, test } from "vitest";
import { createScreen } from "./screen.ts";

describe("screen", () => {
  test("shows space between words that were placed by column moves", () => {
    const screen = createScreen(40, 3);
    screen.write("Quick\x1b[8Gsafety\x1b[15Gcheck:");
    expect(screen.view().rows[0]).toBe("Quick  safety check:");
  });

  test("is drawn at once, without a timer", () => {
    const screen = createScreen(40, 3);
    let drained = 0;
    screen.onDrain(() => (drained += 1));
    screen.write("one");
    expect({ drained, busy: screen.isBusy() }).toEqual({ drained: 1, busy: false });
  });

  test("reads a sequence that arrives in pieces", () => {
    const screen = createScreen(40, 3);
    for (const piece of "\x1b[2;5Hhere") screen.write(piece);
    expect(screen.view().rows[1]).toBe("    here");
  });

  test("reports the mode in which the program reads arrows", () => {
    const screen = createScreen();
    expect(screen.view().applicationCursorKeys).toBe(false);
    screen.write("\x1b[?1h");
    expect(screen.view().applicationCursorKeys).toBe(true);
  });

  test.each([
    { name: "DA1", query: "\x1b[c", reply: "\x1b[?1;2c" },
    { name: "DSR", query: "\x1b[5n", reply: "\x1b[0n" },
    { name: "cursor position", query: "\x1b[6n", reply: "\x1b[1;1R" },
    { name: "XTVERSION", query: "\x1b[>0q", reply: "\x1bP>|Gatehouse\x1b\\" },
    { name: "kitty keyboard flags", query: "\x1b[?u", reply: "\x1b[?0u" },
    { name: "colour scheme", query: "\x1b[?996n", reply: "\x1b[?997;1n" },
    { name: "foreground, ended by BEL", query: "\x1b]10;?\x07", reply: "\x1b]10;rgb:ffff/ffff/ffff\x1b\\" },
    { name: "background, ended by ST", query: "\x1b]11;?\x1b\\", reply: "\x1b]11;rgb:0000/0000/0000\x1b\\" },
    { name: "size in cells", query: "\x1b[18t", reply: "\x1b[8;40;120t" },
  ])("answers $name once", ({ query, reply }) => {
    const screen = createScreen();
    const replies: string[] = [];
    screen.onReply((data) => replies.push(data));
    screen.write(query);
    expect(replies).toEqual([reply]);
  });

  test("replies only to queries, and not after it was stopped", () => {
    const screen = createScreen();
    const replies: string[] = [];
    const stop = screen.onReply((data) => replies.push(data));
    screen.write("hello\x1b]11;rgb:1111/1111/1111\x07\x1b[31m");
    stop();
    screen.write("\x1b[c\x1b[>0q");
    expect(replies).toEqual([]);
  });
});
