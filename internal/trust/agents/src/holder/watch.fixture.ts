import type { RulePack } from "@trust/dialog-engine";
import { codexPack } from "@trust/dialog-engine/packs";
import { createManualClock, createMemoryTerminal, type ManualClock } from "@trust/dialog-engine/testing";
import { expect } from "vitest";
import { AgentWatch } from "./watch/agent-watch.ts";
import type { AgentView } from "./watch/agent-view.ts";
import { sendPrompt, type SendError, type Sending } from "./send-prompt.ts";

/** Codex's composer with a draft in it, or its placeholder. */
export const composer = (draft = "Explain this codebase"): string =>
  `\n› ${draft}\n\n  gpt-5 default · /w/proj`;

export type WatchFixture = {
  readonly clock: ManualClock;
  /** The input that the program got. */
  readonly keys: readonly string[];
  readonly watch: AgentWatch;
  readonly draw: (text: string) => void;
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Draws a list in which arrow keys move the pointer. */
  readonly ask: (text: string) => void;
  /** Draws the composer and waits until the agent counts as ready. */
  readonly ready: () => Promise<void>;
  readonly send: (
    text: string,
    how?: Pick<Partial<Sending>, "isCancelled" | "isCommand">,
  ) => Promise<SendError | null>;
};

/** A program in this process: the test draws its screen and reads the keys that it got. */
export const makeWatchFixture = (
  onPaste: (prompt: string) => string | null = () => null,
  { pack = codexPack, isPasteMode = true }: { readonly pack?: RulePack; readonly isPasteMode?: boolean } = {},
): WatchFixture => {
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
    terminal,
    clock,
    pack,
    consents: { update: "skip" },
    columns: 120,
    rows: 40,
    folder: { path: "/w/proj", home: "/root" },
    redact: (text) => text.replaceAll("hunter2", "[secret]"),
    onChange: (view) => views.push(view),
  });
  const pass = (milliseconds: number): Promise<void> =>
    clock.runUntil(new Promise<void>((resolve) => void clock.after(milliseconds, resolve)));
  return {
    clock,
    keys,
    watch,
    draw,
    pass,
    ask: (text: string): void => {
      [list, pointed] = [text, 0];
      drawList();
    },
    ready: async (): Promise<void> => {
      draw(composer());
      await pass(5_000);
      expect(watch.view()).toEqual({ state: "ready" });
    },
    send: (text, { isCancelled = () => false, isCommand = false } = {}) =>
      sent(
        clock,
        sendPrompt(text, {
          watch,
          pack,
          clock,
          isCancelled,
          isCommand,
          write: terminal.write,
          isPasteMode: () => isPasteMode,
          hasEnded: () => false,
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
