import type { ReadStream, WriteStream } from "node:tty";
import { driveDialogs, type Terminal, type TerminalExit } from "@trust/dialog-engine";
import { openPty, systemClock, type PtyError } from "@trust/dialog-engine/node";
import { claudePack } from "@trust/dialog-engine/packs";
import { endAgent, exitOf, lastOutputMs } from "@gatehouse/processes";
import { abortOf, type Result } from "@gatehouse/std";
import { type AgentStart, startedFolder } from "./agent-start.ts";
import { resetModes, suspend, typedBeforeSuspend, isTyped } from "./terminal-input.ts";

/** The terminal of the person who runs the agent. */
export type OwnTerminal = { readonly input: ReadStream; readonly output: WriteStream };

/**
 * Starts the agent on a person's terminal. The engine answers the dialogs that have a consent, until the
 * composer appears or the person types; after the person's first key the engine presses no more. An abort ends the agent. Restores the
 * terminal, and returns how the agent ended.
 */
export const runAttached = async (
  start: AgentStart,
  own: OwnTerminal,
  signal: AbortSignal,
): Promise<Result<TerminalExit, PtyError>> => {
  const { file, cwd, env } = start;
  const opened = await openPty({ file, args: [], cwd, env, ...sizeOf(own.output) });
  if (!opened.ok) return opened;
  const terminal = opened.value;
  const person = new AbortController();
  const release = connect(terminal, own, () => person.abort());
  const exit = exitOf(terminal);
  await driveForPerson(start, terminal, own.output, AbortSignal.any([person.signal, signal]));
  const ended = (await Promise.race([exit, abortOf(signal)])) ?? (await endAgent(terminal, start.stateFile));
  await new Promise((resolve) => setTimeout(resolve, lastOutputMs));
  release();
  if (ended.signal !== undefined) own.output.write(resetModes);
  return { ok: true, value: ended };
};

/**
 * The engine reads the same output as the person, and answers the agent's dialogs. It reports each key before it writes
 * it; all else that it writes are replies to the agent's terminal queries, which the person's own terminal gives.
 */
const driveForPerson = async (
  start: AgentStart,
  terminal: Terminal,
  output: WriteStream,
  signal: AbortSignal,
): Promise<void> => {
  const { consents, limits } = start;
  let isKey = false;
  await driveDialogs({
    terminal: { ...terminal, write: (data) => isKey && terminal.write(data) },
    clock: systemClock,
    pack: claudePack,
    consents,
    folder: startedFolder(start),
    limits,
    until: "ready",
    signal,
    onEvent: (event) => (isKey = event.type === "key"),
    ...sizeOf(output),
  });
};

/**
 * Connects the two terminals: keys, output and sizes. Calls `onPerson` at the person's first key, and when
 * they resize the window, since that redraws the dialogs. The returned function restores the person's
 * terminal.
 */
const connect = (terminal: Terminal, { input, output }: OwnTerminal, onPerson: () => void): (() => void) => {
  const onInput = (data: string): void => {
    if (isTyped(data)) onPerson();
    const typed = typedBeforeSuspend(data);
    terminal.write(typed ?? data);
    if (typed !== null) suspend(terminal.pid, input, output);
  };
  const onResize = (): void => {
    onPerson();
    const { columns, rows } = sizeOf(output);
    terminal.resize(columns, rows);
  };
  const cooked = (): void => void input.setRawMode(false);
  const stopOutput = terminal.onData((data) => output.write(data));
  // An exception must not leave the person's terminal in raw mode.
  process.once("exit", cooked);
  input.setRawMode(true).setEncoding("utf8").on("data", onInput).resume();
  output.on("resize", onResize);
  return () => {
    stopOutput();
    input.off("data", onInput).pause();
    output.off("resize", onResize);
    cooked();
    process.off("exit", cooked);
  };
};

/** Size in cells. A terminal that was opened without a size reports 0. */
const sizeOf = ({ columns, rows }: WriteStream): { columns: number; rows: number } => ({
  columns: columns || 120,
  rows: rows || 40,
});
