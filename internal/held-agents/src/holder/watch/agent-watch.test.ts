import type { RulePack } from "@trust/dialog-engine";
import { claudePack, codexPack, piPack } from "@trust/dialog-engine/packs";
import { createManualClock, createMemoryTerminal, type ManualClock } from "@trust/dialog-engine/testing";
import { describe, expect, test } from "vitest";
import { AgentWatch } from "./agent-watch.ts";
import type { AgentView } from "./agent-view.ts";
import { sendPrompt, type SendError } from "../send-prompt.ts";

const composer = (draft = "Explain this codebase"): string => `\n› ${draft}\n\n  gpt-5 default · /w/proj`;
const update = `  Update available · 0.169.0 → 99.0.0
  Release notes: https://github.com/openai/codex/releases/latest

› 1. Update now (runs \`npm install -g @openai/codex\`)
  2. Skip
  3. Skip until next version

  enter continue · esc skip`;
const hooks = `  Hooks need review
  1 hook is new or changed.

› 1. Review hooks
  2. Trust all and continue

  Press enter to confirm or esc to go back`;
const permission = (secret: string): string => `  Would you like to run the following command?

  $ deploy ${secret}

› 1. Yes, proceed with ${secret}
  2. No, and tell Codex what to do differently

  Press enter to confirm or esc to cancel`;

/** A program in this process: what it shows is what the test says, and it says which keys it got. */
const makeBed = (
  onPaste: (prompt: string) => string | null = () => null,
  { pack = codexPack, isPasteMode = true }: { readonly pack?: RulePack; readonly isPasteMode?: boolean } = {},
) => {
  const clock = createManualClock();
  const keys: string[] = [];
  const shown: { print: (data: string) => void } = { print: () => {} };
  let pointed = 0;
  let list: string | null = null;
  const draw = (text: string): void => shown.print(`\x1b[?25l\x1b[H\x1b[2J${text.replaceAll("\n", "\r\n")}`);
  const drawList = (): void => {
    const rows = (list ?? "").replace("› ", "  ").replace(`  ${pointed + 1}. `, `› ${pointed + 1}. `);
    draw(rows);
  };
  const terminal = createMemoryTerminal((io) => {
    shown.print = io.print;
    return {
      onInput: (data) => {
        if (data.endsWith("R") || data.endsWith("c")) return;
        keys.push(data);
        const next = onPaste(data);
        if (next !== null) draw(next);
        if (list === null || (data !== "\x1b[B" && data !== "\x1b[A")) return;
        pointed += data === "\x1b[B" ? 1 : -1;
        drawList();
      },
    };
  });
  const views: AgentView[] = [];
  const watch = new AgentWatch({
    ...{ terminal, clock, pack, consents: { update: "skip" }, columns: 120, rows: 40 },
    folder: { path: "/w/proj", home: "/root" },
    redact: (text) => text.replaceAll("hunter2", "[secret]"),
    onChange: (view) => views.push(view),
  });
  const pass = (milliseconds: number): Promise<void> =>
    clock.runUntil(new Promise<void>((resolve) => void clock.after(milliseconds, resolve)));
  return {
    ...{ clock, keys, watch, draw, pass },
    ask: (text: string): void => {
      [list, pointed] = [text, 0];
      drawList();
    },
    ready: async (): Promise<void> => {
      draw(composer());
      await pass(5_000);
      expect(watch.view()).toEqual({ state: "ready" });
    },
    send: (text: string, isCancelled = () => false) =>
      sent(
        clock,
        sendPrompt(text, {
          ...{ watch, pack, clock, isCancelled, write: terminal.write },
          ...{ isPasteMode: () => isPasteMode, hasEnded: () => false },
        }),
      ),
  };
};

const sent = async (
  clock: ManualClock,
  sending: ReturnType<typeof sendPrompt>,
): Promise<SendError | null> => {
  const end = await clock.runUntil(sending);
  return end.ok ? null : end.error;
};

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
    expect(await bed.send("echo hello", () => true)).toEqual({ code: "cancelled" });
    expect(bed.keys).toEqual(["\x1b[200~echo hello\x1b[201~"]);
  });
});

describe("a consent for the start", () => {
  test("counts before the agent was ready, and for nothing that it draws later", async () => {
    const bed = makeBed((data) => (data === "\r" ? composer() : null));
    bed.ask(update);
    await bed.pass(10_000);
    expect(bed.keys).toEqual(["\x1b[B", "\r"]);
    expect(bed.watch.view()).toEqual({ state: "ready" });
    bed.ask(update.replaceAll("99.0.0", "99.0.1"));
    await bed.pass(10_000);
    expect(bed.keys).toHaveLength(2);
    expect(bed.watch.view()).toMatchObject({ state: "waiting", question: { code: "consent-needed" } });
  });

  test("that its dialog does not take is left to a person", async () => {
    const bed = makeBed();
    bed.ask(update);
    await bed.pass(50_000);
    expect(bed.watch.view()).toMatchObject({
      state: "waiting",
      question: { dialog: "codex/update-brief", code: "consent-needed" },
    });
  });
});

describe("an answer", () => {
  test("names an option as it is shown, and the question that was read", async () => {
    const bed = makeBed((data) => (data === "\r" ? composer() : null));
    await bed.ready();
    bed.ask(permission("hunter2"));
    await bed.pass(5_000);
    const { question } = bed.watch.view();
    expect(question?.options[0]).toBe("Yes, proceed with [secret]");
    bed.ask(permission("hunter3"));
    await bed.pass(5_000);
    expect(await bed.watch.answer("Yes", question?.id)).toMatchObject({
      error: { code: "question-changed" },
    });
    bed.ask(permission("hunter2"));
    await bed.pass(5_000);
    expect(await bed.watch.answer("Maybe")).toMatchObject({
      error: { code: "no-such-option", options: question?.options },
    });
    expect(bed.keys).toEqual([]);
    const answered = bed.watch.answer("Yes, proceed with [secret]", question?.id);
    expect(await bed.clock.runUntil(answered)).toEqual({ ok: true, value: null });
    expect(bed.keys).toEqual(["\r"]);
  });

  test("to a screen that only a person can see to says so, whatever the question", async () => {
    const bed = makeBed();
    bed.draw(hooks);
    await bed.pass(5_000);
    expect(bed.watch.view()).toMatchObject({ state: "waiting" });
    expect(await bed.watch.answer("Review hooks")).toMatchObject({ error: { code: "attach-needed" } });
  });
});
