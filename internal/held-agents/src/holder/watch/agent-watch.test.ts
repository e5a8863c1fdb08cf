import type { RulePack } from "@trust/dialog-engine";
import { codexPack } from "@trust/dialog-engine/packs";
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
const makeBed = (onPaste: (prompt: string) => string | null = () => null) => {
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
    ...{ terminal, clock, pack: codexPack, consents: { update: "skip" }, columns: 120, rows: 40 },
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
    send: (text: string, isCancelled = () => false) => send(watch, clock, terminal.write, text, isCancelled),
  };
};

const send = async (
  watch: AgentWatch,
  clock: ManualClock,
  write: (data: string) => void,
  text: string,
  isCancelled: () => boolean,
): Promise<SendError | null> => {
  const pack: RulePack = codexPack;
  const modes = { isPasteMode: () => true, hasEnded: () => false, isCancelled };
  const sent = await clock.runUntil(sendPrompt(text, { watch, pack, write, clock, ...modes }));
  return sent.ok ? null : sent.error;
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
