import { claudePack } from "@trust/dialog-engine/packs";
import { describe, expect, test } from "vitest";
import { composer, makeWatchFixture as makeFixture } from "./watch.fixture.ts";

const rule = "─".repeat(60);
const framed = (draft: string, footer: string): string => `${rule}\n❯ ${draft}\n${rule}\n  ${footer}`;

const withMenu = `
  ❯ /help                       Show help and available commands
    /debug                      Turn on debug logging and investigate problems

${framed("/help", "⏵⏵ auto mode on (shift+tab to cycle)")}`;

describe("a command of the CLI", () => {
  test("is sent only with isCommand, below the menu that it opens", async () => {
    const fixture = makeFixture((data) => (data === "\r" ? framed("", "? for shortcuts") : withMenu), {
      pack: claudePack,
    });
    fixture.draw(framed("", "? for shortcuts"));
    await fixture.pass(5_000);
    expect(await fixture.send("/help")).toEqual({ code: "is-command" });
    expect(await fixture.send("!ls", { isCommand: true })).toEqual({ code: "is-shell-command" });
    expect(fixture.keys).toEqual([]);
    expect(await fixture.send("/help", { isCommand: true })).toBeNull();
    expect(fixture.keys).toEqual(["\x1b[200~/help\x1b[201~", "\r"]);
  });

  // Codex 0.169.0 draws it so: the draft stays, and each Enter adds a line.
  test("that the CLI does not know gets one Enter, and is refused", async () => {
    let enters = 0;
    const said = "• Unrecognized command '/nosuch'. Type \"/\" for a list of supported commands.\n\n";
    const fixture = makeFixture((data) => {
      if (data !== "\r") return composer("/nosuch");
      enters += 1;
      fixture.clock.after(300, () => fixture.draw(`${said.repeat(enters)}${composer("/nosuch")}`));
      return null;
    });
    await fixture.ready();
    expect(await fixture.send("/nosuch", { isCommand: true })).toEqual({ code: "command-refused" });
    expect(fixture.keys).toEqual(["\x1b[200~/nosuch\x1b[201~", "\r"]);
  });

  test("gets a second Enter if the first was lost", async () => {
    let enters = 0;
    const fixture = makeFixture((data) => {
      if (data === "\r") enters += 1;
      return composer(enters === 2 ? "Explain this codebase" : "/status");
    });
    await fixture.ready();
    expect(await fixture.send("/status", { isCommand: true })).toBeNull();
    expect(fixture.keys.slice(1)).toEqual(["\r", "\r"]);
  });
});

test("a prompt that Enter does not send gets a few more, and then fails as not-taken", async () => {
  const fixture = makeFixture(() => composer("echo hello"));
  await fixture.ready();
  expect(await fixture.send("echo hello")).toEqual({ code: "not-taken" });
  expect(fixture.keys.slice(1)).toEqual(["\r", "\r", "\r", "\r", "\r"]);
});
