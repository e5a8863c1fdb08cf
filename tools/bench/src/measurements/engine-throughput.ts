import { createScreen, driveDialogs } from "@trust/dialog-engine";
import { systemClock } from "@trust/dialog-engine/node";
import { claudePack } from "@trust/dialog-engine/packs";
import xterm from "@xterm/headless";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fakeTerminal } from "../inputs/fake-terminal.ts";
import { recordedOutput } from "../inputs/recorded-output.ts";
import { syntheticOutput } from "../inputs/synthetic-output.ts";
import type { Contender, Measurement } from "../measurement.ts";

const size = 8 * 2 ** 20;

/** Device status: a terminal answers it once all output before it is on the screen. */
const [statusQuery, statusReply] = ["\u001b[5n", "\u001b[0n"];

/**
 * Takes output, and calls back with the replies to the program. Returns functions to feed and to close it.
 */
type Open = (onReply: (data: string) => void) => {
  readonly write: (data: string) => void;
  readonly close: () => void;
};

const bare: Open = (onReply) => {
  const terminal = new xterm.Terminal({ cols: 120, rows: 40, scrollback: 0, allowProposedApi: true });
  terminal.onData(onReply);
  return { write: (data) => terminal.write(data), close: () => terminal.dispose() };
};

const screen: Open = (onReply) => {
  const ours = createScreen(120, 40);
  ours.onReply(onReply);
  return { write: ours.write, close: ours.dispose };
};

/** Screen, locator and rules together: the cost of a whole run. */
const engine: Open = (onReply) => {
  const terminal = fakeTerminal(onReply);
  const abort = new AbortController();
  void driveDialogs({
    terminal,
    clock: systemClock,
    pack: claudePack,
    consents: {},
    until: "ready",
    limits: { phaseMs: 60_000, totalMs: 60_000 },
    signal: abort.signal,
  });
  return { write: terminal.say, close: () => abort.abort() };
};

/** Several chunks per event-loop turn, as a PTY delivers them under load. */
const chunksPerTurn = 16;

const timed = async (open: Open, chunks: readonly string[]): Promise<number> => {
  let isDrawn = (): void => {};
  const drawn = new Promise<void>((resolve) => (isDrawn = resolve));
  const startedAt = performance.now();
  const { write, close } = open((reply) => reply.includes(statusReply) && isDrawn());
  for (const [index, chunk] of chunks.entries()) {
    write(chunk);
    if (index % chunksPerTurn === 0) await nextTurn();
  }
  write(statusQuery);
  await drawn;
  const seconds = (performance.now() - startedAt) / 1000;
  close();
  return Buffer.byteLength(chunks.join("")) / 1e6 / seconds;
};

const contender = (name: string, open: Open, chunks: readonly string[]): Contender => ({
  name,
  run: async () => ({ ok: true, value: await timed(open, chunks) }),
});

const frame = {
  unit: "MB/s",
  floor: "bare @xterm/headless",
  rounds: { full: 25, quick: 5 },
} as const;

export const syntheticThroughput: Measurement = {
  ...frame,
  name: "engine-synthetic",
  title: "8 MB of a busy agent's screen, made up, drawn to the end",
  bounds: { screen: { atLeast: 0.75 }, "whole engine": { atLeast: 0.75 } },
  prepare: async () => {
    const chunks = syntheticOutput(size);
    const contenders = [
      contender(frame.floor, bare, chunks),
      contender("screen", screen, chunks),
      contender("whole engine", engine, chunks),
    ];
    return { ok: true, value: { contenders } };
  },
};

export const recordedThroughput: Measurement = {
  ...frame,
  name: "engine-recorded",
  title: "8 MB of what the real CLIs wrote (test-fixtures, repeated), drawn to the end",
  bounds: { screen: { atLeast: 0.75 } },
  prepare: async () => {
    const chunks = await recordedOutput(size);
    if (chunks.length === 0) return { ok: false, error: "there are no recordings in test-fixtures" };
    const contenders = [contender(frame.floor, bare, chunks), contender("screen", screen, chunks)];
    return { ok: true, value: { contenders } };
  },
};
