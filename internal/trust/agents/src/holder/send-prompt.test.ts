import { claudePack, codexPack, kimiPack, piPack } from "@trust/dialog-engine/packs";
import { describe, expect, test } from "vitest";
import { composer, makeWatchFixture as makeFixture } from "./watch.fixture.ts";
import { isKeysWhenTyped } from "./send-prompt.ts";

const hooks = `  Hooks need review
  1 hook is new or changed.

› 1. Review hooks
  2. Trust all and continue

  Press enter to confirm or esc to go back`;
const drawn = (data: string): string | null => {
  const [, prompt] = data.split(/\x1b\[20[01]~/u); // eslint-disable-line no-control-regex -- the marks of a paste
  return prompt ?? null;
};

describe("sendPrompt", () => {
  test("types nothing into a question without readable options, from its first frame on", async () => {
    const fixture = makeFixture();
    await fixture.ready();
    fixture.draw(hooks);
    expect(fixture.watch.view()).toEqual({ state: "ready" });
    expect(await fixture.send("echo hello")).toMatchObject({ code: "question" });
    expect(fixture.keys).toEqual([]);
  });

  test("types nothing into a screen without a composer", async () => {
    const fixture = makeFixture();
    await fixture.ready();
    fixture.draw("  Signing in...");
    expect(await fixture.send("echo hello")).toMatchObject({ code: "not-ready" });
    expect(fixture.keys).toEqual([]);
  });

  test("succeeds only after the prompt has left the composer after Enter", async () => {
    const fixture = makeFixture((data) => (data === "\r" ? composer("") : composer(drawn(data) ?? "")));
    await fixture.ready();
    expect(await fixture.send("echo hello")).toBeNull();
    expect(fixture.keys).toEqual(["\x1b[200~echo hello\x1b[201~", "\r"]);
  });

  const rule = "─".repeat(60);
  const framed = (draft: string, footer: string): string => `${rule}\n❯ ${draft}\n${rule}\n  ${footer}`;
  const shortPrompts = [
    {
      prompt: "s",
      pack: claudePack,
      empty: framed("", "? for shortcuts"),
      after: framed("", "esc to interrupt"),
    },
    {
      prompt: "x",
      pack: claudePack,
      empty: framed("", "? for shortcuts"),
      after: framed('Try "fix the bug"', "? for shortcuts"),
    },
    { prompt: "s", pack: codexPack, empty: composer(), after: `\n› \n\n  esc to interrupt · /w/proj` },
  ];
  test.for(shortPrompts)(
    "detects whether the short prompt $prompt has left the composer: $after",
    async (row) => {
      const { prompt, pack, empty, after } = row;
      const holding = empty.replace(/^([❯›]) .*$/mu, `$1 ${prompt}`);
      let enters = 0;
      // The first Enter is lost.
      const fixture = makeFixture(
        (data) => (data !== "\r" ? holding : (enters += 1) === 1 ? holding : after),
        {
          pack,
        },
      );
      fixture.draw(empty);
      await fixture.pass(5_000);
      expect(fixture.watch.view()).toEqual({ state: "ready" });
      expect(await fixture.send(prompt)).toBeNull();
      expect(fixture.keys.slice(1)).toEqual(["\r", "\r"]);
    },
  );

  test.each([
    { what: "wrapped to a second row", prompt: "Read the whole API first, and then say what it is for." },
    {
      what: "several lines",
      prompt: "Read the API first.\n\nThen say:\n- what it is for\n- whom it serves",
    },
  ])("sends $what although the draft looks like a list", async ({ prompt }) => {
    const rows = prompt.replace("and then", "\nand then").replaceAll("\n", "\n  ");
    const fixture = makeFixture((data) => composer(data === "\r" ? "Explain this codebase" : rows));
    await fixture.ready();
    expect(await fixture.send(prompt)).toBeNull();
    expect(fixture.keys).toEqual([`\x1b[200~${prompt}\x1b[201~`, "\r"]);
    expect(fixture.watch.view()).toEqual({ state: "ready" });
  });

  test.each([
    { what: "a list with other words", rows: "Read the whole API first,\n  and delete it." },
    { what: "a part of it", rows: "Read the whole API first,\n  and then" },
  ])("presses no Enter if the composer has $what", async ({ rows }) => {
    const fixture = makeFixture(() => composer(rows));
    await fixture.ready();
    const prompt = "Read the whole API first, and then say what it is for.";
    expect(await fixture.send(prompt)).not.toBeNull();
    expect(fixture.keys).toEqual([`\x1b[200~${prompt}\x1b[201~`]);
  });

  test("types into a composer without a glyph, between two rules", async () => {
    const rule = "─".repeat(60);
    const drawnPi = (draft: string): string => `\n${rule}\n${draft}\n${rule}\n~/w/proj\n0.0%/200k (auto)`;
    const fixture = makeFixture((data) => drawnPi(data === "\r" ? "" : "Read it,\nand say."), {
      pack: piPack,
    });
    fixture.draw(drawnPi(""));
    await fixture.pass(5_000);
    expect(await fixture.send("Read it,\nand say.")).toBeNull();
    expect(fixture.keys).toHaveLength(2);
  });

  test("refuses a Tab or a line end where it cannot paste, since these would be keys", async () => {
    const fixture = makeFixture(() => null, { isPasteMode: false });
    await fixture.ready();
    for (const prompt of ["one\ttwo", "one\ntwo"])
      expect(await fixture.send(prompt)).toEqual({ code: "no-paste" });
    expect(fixture.keys).toEqual([]);
  });

  test("presses no Enter if a person's draft is beside the prompt, or if the sender has left", async () => {
    const fixture = makeFixture((data) => composer(`half a draft${drawn(data) ?? ""}`));
    await fixture.ready();
    fixture.draw(composer("half a draft"));
    expect(await fixture.send("echo hello")).toEqual({ code: "draft" });
    fixture.draw(composer());
    expect(await fixture.send("echo hello", { isCancelled: () => true })).toEqual({ code: "cancelled" });
    expect(fixture.keys).toEqual(["\x1b[200~echo hello\x1b[201~"]);
  });

  test("fails with the question if Enter brings one that only a person may answer", async () => {
    const fixture = makeFixture((data) =>
      data === "\r" ? "The terminal is too small.\nContinue anyway? [y/N]: " : composer("echo hello"),
    );
    await fixture.ready();
    const question = { code: "question", dialog: "codex/continue-anyway" };
    expect(await fixture.send("echo hello")).toEqual(question);
    expect(fixture.keys.slice(1)).toEqual(["\r"]);
  });
});

describe("a prompt that the composer does not show whole", () => {
  const lines = Array.from({ length: 45 }, (_, at) => `line ${at + 1} of the prompt`);
  const long = `${"word ".repeat(300)}the end`;
  const rule = "─".repeat(60);
  const claude = (draft: string): string => `${rule}\n❯ ${draft}\n${rule}\n  ? for shortcuts`;
  const pasted = (mark: string): string => claude(mark).replace("? for shortcuts", "paste again to expand");
  const kimi = (draft: string): string =>
    `╭${rule}╮\n│ > ${draft.padEnd(58)}│\n╰${rule}╯\n context: 0% (0/256k)`;

  // As drawn by Claude Code 2.1.328, Codex 0.169.0 and Kimi Code 2.1.0.
  test.each([
    {
      pack: claudePack,
      prompt: lines.join("\n"),
      empty: claude(""),
      drawn: pasted("[Pasted text #1 +44 lines]"),
    },
    { pack: claudePack, prompt: long, empty: claude(""), drawn: pasted("[Pasted text #1]") },
    { pack: codexPack, prompt: long, empty: composer(), drawn: composer("[Pasted Content 1507 chars]") },
    { pack: kimiPack, prompt: long, empty: kimi(""), drawn: kimi("[paste #1 1507 chars]") },
    { pack: kimiPack, prompt: lines.join("\n"), empty: kimi(""), drawn: kimi("[paste #1 +45 lines]") },
  ])(
    "is sent if $pack.provider draws a mark with the right count",
    async ({ pack, prompt, empty, drawn }) => {
      const fixture = makeFixture((data) => (data === "\r" ? empty : drawn), { pack });
      fixture.draw(empty);
      await fixture.pass(5_000);
      expect(await fixture.send(prompt)).toBeNull();
      expect(fixture.keys.slice(1)).toEqual(["\r"]);
    },
  );

  test.each([
    {
      pack: claudePack,
      prompt: lines.join("\n"),
      empty: claude(""),
      drawn: pasted("[Pasted text #1 +43 lines]"),
    },
    { pack: claudePack, prompt: lines.join("\n"), empty: claude(""), drawn: pasted("[Pasted text #1]") },
    { pack: codexPack, prompt: long, empty: composer(), drawn: composer("[Pasted Content 1508 chars]") },
  ])("is not sent if the mark counts another text: $drawn", async ({ pack, prompt, empty, drawn }) => {
    const fixture = makeFixture((data) => (data === "\r" ? empty : drawn), { pack });
    fixture.draw(empty);
    await fixture.pass(5_000);
    expect(await fixture.send(prompt)).toEqual({ code: "not-seen" });
    expect(fixture.keys).toHaveLength(1);
  });

  const empty = composer("Ask Codex to do anything");
  /** A composer taller than the screen: drawn from the first row on, without a status row. */
  const cut = (rows: readonly string[]): string => `\n› ${rows.join("\n  ")}`;

  test.each([
    { what: "from the top of the screen on", drawn: cut(lines.slice(7)) },
    {
      what: "with an arrow beside it",
      drawn: `\n\n\n\n${cut(lines.slice(21)).replace("prompt", `prompt${" ".repeat(80)}↑`)}`,
    },
    {
      what: "and its beginning, without a status row",
      drawn: cut(lines.slice(0, 38)),
      prompt: lines.slice(0, 38),
    },
  ])("is sent if Codex draws the prompt's end $what", async ({ drawn, prompt = lines }) => {
    const fixture = makeFixture((data) => (data === "\r" ? empty : drawn));
    fixture.draw(empty);
    await fixture.pass(5_000);
    expect(await fixture.send(prompt.join("\n"))).toBeNull();
    expect(fixture.keys.slice(1)).toEqual(["\r"]);
    expect(fixture.watch.view()).toEqual({ state: "ready" });
  });

  test.each([
    { what: "the composer had a draft before", before: composer("half a draft"), drawn: cut(lines.slice(7)) },
    {
      what: "the composer shows another end",
      before: empty,
      drawn: cut([...lines.slice(7, -1), "and delete it"]),
    },
    {
      what: "the text starts lower, without an arrow",
      before: empty,
      drawn: `\n\n\n${cut(lines.slice(21))}`,
    },
  ])("is not sent if $what", async ({ before, drawn }) => {
    const fixture = makeFixture((data) => (data === "\r" ? empty : drawn));
    fixture.draw(before);
    await fixture.pass(5_000);
    expect(await fixture.send(lines.join("\n"))).not.toBeNull();
    expect(fixture.keys).toHaveLength(1);
  });
});

const rule = "─".repeat(60);
const framed = (draft: string, footer: string): string => `${rule}\n❯ ${draft}\n${rule}\n  ${footer}`;

const withMenu = `
  ❯ /help                       Show help and available commands
    /debug                      Turn on debug logging and investigate problems

${framed("/help", "⏵⏵ auto mode on (shift+tab to cycle)")}`;

describe("a prompt that is a command of the CLI", () => {
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

  // As drawn by Codex 0.169.0: the draft stays, and each Enter adds a line.
  test("gets one Enter and is refused if the CLI does not know the command", async () => {
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

test("a prompt that Enter does not send gets five Enters, and then fails as not-taken", async () => {
  const fixture = makeFixture(() => composer("echo hello"));
  await fixture.ready();
  expect(await fixture.send("echo hello")).toEqual({ code: "not-taken" });
  expect(fixture.keys.slice(1)).toEqual(["\r", "\r", "\r", "\r", "\r"]);
});

test.for([
  { prompt: "one\ttwo", is: true },
  { prompt: "one\ntwo", is: true },
  { prompt: "? what is it", is: true },
  { prompt: " @a", is: true },
  { prompt: "what is it?", is: false },
])("isKeysWhenTyped returns $is for $prompt", ({ prompt, is }) => {
  expect(isKeysWhenTyped(prompt)).toBe(is);
});
