import { claudePack } from "@trust/dialog-engine/packs";
import { describe, expect, test } from "vitest";
import { composer, makeWatchBed as makeBed } from "./watch-bed.fixture.ts";

const rule = "─".repeat(60);
const framed = (draft: string, footer: string): string => `${rule}\n❯ ${draft}\n${rule}\n  ${footer}`;

const withMenu = `
  ❯ /help                       Show help and available commands
    /debug                      Turn on debug logging and investigate problems

${framed("/help", "⏵⏵ auto mode on (shift+tab to cycle)")}`;

describe("a command of the CLI", () => {
  test("is sent only if one is meant, below the menu that it opens", async () => {
    const bed = makeBed((data) => (data === "\r" ? framed("", "? for shortcuts") : withMenu), {
      pack: claudePack,
    });
    bed.draw(framed("", "? for shortcuts"));
    await bed.pass(5_000);
    expect(await bed.send("/help")).toEqual({ code: "is-command" });
    expect(await bed.send("!ls", { isCommand: true })).toEqual({ code: "is-shell-command" });
    expect(bed.keys).toEqual([]);
    expect(await bed.send("/help", { isCommand: true })).toBeNull();
    expect(bed.keys).toEqual(["\x1b[200~/help\x1b[201~", "\r"]);
  });

  // Drawn so by Codex 0.169.0: the draft stays, and each Enter has one more line.
  test("that the CLI does not know gets one Enter, and is refused", async () => {
    let enters = 0;
    const said = "• Unrecognized command '/nosuch'. Type \"/\" for a list of supported commands.\n\n";
    const bed = makeBed((data) => {
      if (data !== "\r") return composer("/nosuch");
      enters += 1;
      bed.clock.after(300, () => bed.draw(`${said.repeat(enters)}${composer("/nosuch")}`));
      return null;
    });
    await bed.ready();
    expect(await bed.send("/nosuch", { isCommand: true })).toEqual({ code: "command-refused" });
    expect(bed.keys).toEqual(["\x1b[200~/nosuch\x1b[201~", "\r"]);
  });

  test("whose Enter was lost gets another", async () => {
    let enters = 0;
    const bed = makeBed((data) => {
      if (data === "\r") enters += 1;
      return composer(enters === 2 ? "Explain this codebase" : "/status");
    });
    await bed.ready();
    expect(await bed.send("/status", { isCommand: true })).toBeNull();
    expect(bed.keys.slice(1)).toEqual(["\r", "\r"]);
  });
});

test("a prompt that no Enter sends gets a few, and is not taken", async () => {
  const bed = makeBed(() => composer("echo hello"));
  await bed.ready();
  expect(await bed.send("echo hello")).toEqual({ code: "not-taken" });
  expect(bed.keys.slice(1)).toEqual(["\r", "\r", "\r", "\r", "\r"]);
});
