import { claudePack, codexPack, kimiPack, piPack } from "@trust/dialog-engine/packs";
import { describe, expect, test } from "vitest";
import { composer, makeWatchBed as makeBed } from "./watch-bed.fixture.ts";

const hooks = `  Hooks need review
  1 hook is new or changed.

› 1. Review hooks
  2. Trust all and continue

  Press enter to confirm or esc to go back`;
const drawn = (data: string): string | null => {
  const [, prompt] = data.split(/\x1b\[20[01]~/u); // eslint-disable-line no-control-regex -- the marks of a paste
  return prompt ?? null;
};

describe("a prompt is given to a composer only", () => {
  test("not to a screen that asks something and has no options to read, from its first frame on", async () => {
    const bed = makeBed();
    await bed.ready();
    bed.draw(hooks);
    expect(bed.watch.view()).toEqual({ state: "ready" });
    expect(await bed.send("echo hello")).toMatchObject({ code: "question" });
    expect(bed.keys).toEqual([]);
  });

  test("not to one without a composer", async () => {
    const bed = makeBed();
    await bed.ready();
    bed.draw("  Signing in...");
    expect(await bed.send("echo hello")).toMatchObject({ code: "not-ready" });
    expect(bed.keys).toEqual([]);
  });

  test("it is sent once the composer has lost it after Enter, and not before", async () => {
    const bed = makeBed((data) => (data === "\r" ? composer("") : composer(drawn(data) ?? "")));
    await bed.ready();
    expect(await bed.send("echo hello")).toBeNull();
    expect(bed.keys).toEqual(["\x1b[200~echo hello\x1b[201~", "\r"]);
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
  test.for(shortPrompts)("a short one, $prompt, has left the composer: $after", async (row) => {
    const { prompt, pack, empty, after } = row;
    const holding = empty.replace(/^([❯›]) .*$/mu, `$1 ${prompt}`);
    let enters = 0;
    // The first Enter is lost.
    const bed = makeBed((data) => (data !== "\r" ? holding : (enters += 1) === 1 ? holding : after), {
      pack,
    });
    bed.draw(empty);
    await bed.pass(5_000);
    expect(bed.watch.view()).toEqual({ state: "ready" });
    expect(await bed.send(prompt)).toBeNull();
    expect(bed.keys.slice(1)).toEqual(["\r", "\r"]);
  });

  test.each([
    { what: "wrapped to a second row", prompt: "Read the whole API first, and then say what it is for." },
    {
      what: "of several lines",
      prompt: "Read the API first.\n\nThen say:\n- what it is for\n- whom it serves",
    },
  ])("$what, where a list would look alike", async ({ prompt }) => {
    const rows = prompt.replace("and then", "\nand then").replaceAll("\n", "\n  ");
    const bed = makeBed((data) => composer(data === "\r" ? "Explain this codebase" : rows));
    await bed.ready();
    expect(await bed.send(prompt)).toBeNull();
    expect(bed.keys).toEqual([`\x1b[200~${prompt}\x1b[201~`, "\r"]);
    expect(bed.watch.view()).toEqual({ state: "ready" });
  });

  test.each([
    { what: "a list with other words", rows: "Read the whole API first,\n  and delete it." },
    { what: "a part of it", rows: "Read the whole API first,\n  and then" },
  ])("no Enter where $what stands there", async ({ rows }) => {
    const bed = makeBed(() => composer(rows));
    await bed.ready();
    const prompt = "Read the whole API first, and then say what it is for.";
    expect(await bed.send(prompt)).not.toBeNull();
    expect(bed.keys).toEqual([`\x1b[200~${prompt}\x1b[201~`]);
  });

  test("in a composer without a glyph, between two rules", async () => {
    const rule = "─".repeat(60);
    const drawnPi = (draft: string): string => `\n${rule}\n${draft}\n${rule}\n~/w/proj\n0.0%/200k (auto)`;
    const bed = makeBed((data) => drawnPi(data === "\r" ? "" : "Read it,\nand say."), { pack: piPack });
    bed.draw(drawnPi(""));
    await bed.pass(5_000);
    expect(await bed.send("Read it,\nand say.")).toBeNull();
    expect(bed.keys).toHaveLength(2);
  });

  test("typed instead of pasted, not with a Tab or an end of a line, which would be keys", async () => {
    const bed = makeBed(() => null, { isPasteMode: false });
    await bed.ready();
    for (const prompt of ["one\ttwo", "one\ntwo"])
      expect(await bed.send(prompt)).toEqual({ code: "no-paste" });
    expect(bed.keys).toEqual([]);
  });

  test("no Enter where a person's draft stands beside it, or the sender has left", async () => {
    const bed = makeBed((data) => composer(`half a draft${drawn(data) ?? ""}`));
    await bed.ready();
    bed.draw(composer("half a draft"));
    expect(await bed.send("echo hello")).toEqual({ code: "draft" });
    bed.draw(composer());
    expect(await bed.send("echo hello", { isCancelled: () => true })).toEqual({ code: "cancelled" });
    expect(bed.keys).toEqual(["\x1b[200~echo hello\x1b[201~"]);
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

  // Drawn so by Claude Code 2.1.328, Codex 0.169.0 and Kimi Code 2.1.0.
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
    "is sent where $pack.provider draws a mark that counts it right",
    async ({ pack, prompt, empty, drawn }) => {
      const bed = makeBed((data) => (data === "\r" ? empty : drawn), { pack });
      bed.draw(empty);
      await bed.pass(5_000);
      expect(await bed.send(prompt)).toBeNull();
      expect(bed.keys.slice(1)).toEqual(["\r"]);
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
  ])("is not where the mark counts another text: $drawn", async ({ pack, prompt, empty, drawn }) => {
    const bed = makeBed((data) => (data === "\r" ? empty : drawn), { pack });
    bed.draw(empty);
    await bed.pass(5_000);
    expect(await bed.send(prompt)).toEqual({ code: "not-seen" });
    expect(bed.keys).toHaveLength(1);
  });

  const empty = composer("Ask Codex to do anything");
  /** Taller than the screen: from its first row on, and no status row. */
  const cut = (rows: readonly string[]): string => `\n› ${rows.join("\n  ")}`;

  test.each([
    { what: "cut at the top of the screen", drawn: cut(lines.slice(7)) },
    {
      what: "with an arrow",
      drawn: `\n\n\n\n${cut(lines.slice(21)).replace("prompt", `prompt${" ".repeat(80)}↑`)}`,
    },
    { what: "whole, without a status row", drawn: cut(lines.slice(0, 38)), prompt: lines.slice(0, 38) },
  ])("is sent where Codex draws its end $what", async ({ drawn, prompt = lines }) => {
    const bed = makeBed((data) => (data === "\r" ? empty : drawn));
    bed.draw(empty);
    await bed.pass(5_000);
    expect(await bed.send(prompt.join("\n"))).toBeNull();
    expect(bed.keys.slice(1)).toEqual(["\r"]);
    expect(bed.watch.view()).toEqual({ state: "ready" });
  });

  test.each([
    { what: "a draft stood there before", before: composer("half a draft"), drawn: cut(lines.slice(7)) },
    { what: "it is another end", before: empty, drawn: cut([...lines.slice(7, -1), "and delete it"]) },
    { what: "it starts lower, without an arrow", before: empty, drawn: `\n\n\n${cut(lines.slice(21))}` },
  ])("is not sent where $what", async ({ before, drawn }) => {
    const bed = makeBed((data) => (data === "\r" ? empty : drawn));
    bed.draw(before);
    await bed.pass(5_000);
    expect(await bed.send(lines.join("\n"))).not.toBeNull();
    expect(bed.keys).toHaveLength(1);
  });
});
