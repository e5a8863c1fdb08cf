import process from "node:process";
import type { ReadStream, WriteStream } from "node:tty";
import type { Result } from "@gatehouse/std";
import { statusOf, type HeldStatus } from "../records/held-state.ts";
import { connectHeld, refusedBy } from "./ask-held.ts";
import type { HeldFailure } from "./held-failure.ts";

/** The terminal of the person who attaches. */
export type OwnTerminal = { readonly input: ReadStream; readonly output: WriteStream };

/** How an attachment ended. */
export type Detached =
  /** By the detach key, a signal, or the end of the connection; the agent keeps running. */
  | { readonly why: "detached" | "interrupted" | "lost" }
  /** The agent has ended. */
  | { readonly why: "ended"; readonly status: HeldStatus };

/** Ctrl-\ in the forms that terminals send: plain, in the kitty protocol, with modifyOtherKeys. */
const detachKeys: readonly string[] = ["\x1c", "\x1b[92;5u", "\x1b[27;5;92~"];

/** The alternate screen, so that the shell's text returns afterwards; rows that are too long are cut. */
const enter = "\x1b[?1049h\x1b[?7l\x1b[H\x1b[2J";
/** Resets all modes that a frame may set, and undoes `enter`. */
const leave =
  "\x1b[0m\x1b[?1l\x1b[?66l\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x1b[?2026l\x1b[?7h\x1b[?25h\x1b[?1049l";

export type AttachOptions = {
  /** Passes on no keys. */
  readonly isReadOnly: boolean;
  /** Takes the keyboard from the terminal that has it. */
  readonly takes: boolean;
  /** The text of the last row while another terminal has the keyboard. */
  readonly onlyLooks: string;
  readonly signal: AbortSignal;
};

/**
 * Shows an agent on a person's terminal, and passes on their keys until Ctrl-\. Only one terminal types; the
 * last row of any other says that it can only watch. Restores the terminal, even if this process fails.
 */
export const attachHeld = async (
  socket: string,
  { input, output }: OwnTerminal,
  { isReadOnly, takes, onlyLooks, signal }: AttachOptions,
): Promise<Result<Detached, HeldFailure>> => {
  const request = { do: "attach", readOnly: isReadOnly, take: takes, ...sizeOf(output) };
  const connected = await connectHeld(socket, request);
  if (!connected.ok) return connected;
  const connection = connected.value;
  return new Promise((resolve) => {
    const restore = takeTerminal({ input, output });
    let isWatching = isReadOnly;
    const end = (result: Result<Detached, HeldFailure>): void => {
      input.off("data", onInput).pause();
      output.off("resize", onResize);
      signal.removeEventListener("abort", onAbort);
      connection.close();
      restore();
      resolve(result);
    };
    const detached = (why: "detached" | "interrupted" | "lost"): void => end({ ok: true, value: { why } });
    const onAbort = (): void => detached("interrupted");
    const onResize = (): void => connection.send(sizeOf(output));
    const onInput = (data: string): void => {
      const key = detachKeys.map((key) => data.indexOf(key)).filter((at) => at >= 0);
      const typed = key.length === 0 ? data : data.slice(0, Math.min(...key));
      if (!isReadOnly && typed !== "") connection.send({ input: typed });
      if (key.length > 0) detached("detached");
    };
    input.setEncoding("utf8").on("data", onInput).resume();
    output.on("resize", onResize);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    connection.onClose(() => detached("lost"));
    connection.onLine((line) => {
      if (line["ok"] === false) return end(refusedBy(line));
      if (typeof line["writer"] === "boolean") {
        isWatching = !line["writer"];
        // A new size repaints the whole screen, without the row of the notice.
        if (!isWatching) onResize();
      }
      if (typeof line["paint"] === "string") output.write(line["paint"]);
      if (isWatching) output.write(noticeRow(onlyLooks, sizeOf(output)));
      const status = "ok" in line ? null : statusOf(line["status"]);
      if (status?.state === "ended") end({ ok: true, value: { why: "ended", status } });
    });
  });
};

/** Writes a notice into the last row, inverse, and puts the cursor back. */
const noticeRow = (
  text: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string => `\x1b7\x1b[${rows};1H\x1b[0;7m${text.slice(0, columns).padEnd(columns)}\x1b[0m\x1b8`;

/** Sets raw mode and the alternate screen, until the returned function is called or this process ends. */
const takeTerminal = ({ input, output }: OwnTerminal): (() => void) => {
  let isTaken = true;
  const restore = (): void => {
    if (!isTaken) return;
    isTaken = false;
    process.off("exit", restore);
    output.write(leave);
    input.setRawMode(false);
  };
  // An exception must not leave the person's terminal in raw mode.
  process.once("exit", restore);
  input.setRawMode(true);
  output.write(enter);
  return restore;
};

/** Size in cells, within the limits of a holder. A terminal that was opened without a size reports 0. */
const sizeOf = ({ columns, rows }: WriteStream): { readonly columns: number; readonly rows: number } => ({
  columns: Math.min(500, Math.max(2, columns || 120)),
  rows: Math.min(200, Math.max(2, rows || 40)),
});
