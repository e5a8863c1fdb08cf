import { printFailure } from "@gatehouse/cli-kit";
import { visibleJson } from "@gatehouse/std";
import { chatLink } from "./chat-link.ts";
import { ending, type ChatClientOptions } from "./chat-mode.ts";
import { pastJson, pastRows } from "./past-rows.ts";

export type ChatHistoryOptions = Pick<ChatClientOptions, "socketPath" | "group" | "as" | "isJson" | "io"> & {
  /** How many messages to print. */
  readonly last: number;
};

/** Prints the last messages of a person's chat with a group, or of their direct chat. Returns the exit code. */
export const chatHistory = async (options: ChatHistoryOptions): Promise<number> => {
  const { socketPath, group, as, isJson, io, last } = options;
  const { done, end } = ending();
  const columns = io.stdout.isTTY === true ? io.stdout.columns || 80 : Infinity;
  let left: number | null = null;
  const link = chatLink({
    ...{ socketPath, group, as, reconnectMs: 0, history: last, historyOnly: true },
    events: {
      welcome: ({ past = 0 }, isFirst) => {
        if (!isFirst) return;
        left = past;
        if (past > 0) return;
        if (!isJson) io.stderr.write("Nothing was said in this chat yet.\n");
        end({ exitCode: 0 });
      },
      past: (message) => {
        const rows = isJson ? [visibleJson(pastJson(message))] : pastRows(message, columns);
        io.stdout.write(rows.map((row) => `${row}\n`).join(""));
        if (left !== null && (left -= 1) === 0) end({ exitCode: 0 });
      },
      lost: () => {
        if (left === 0) return;
        printFailure(io, isJson, { code: "host-gone", message: "The host ended before the last message." });
        end({ exitCode: 1 });
      },
      ...{ message: () => {}, taken: () => {}, refused: () => {} },
    },
  });
  const aborted = new Promise<{ readonly exitCode: number }>((resolve) => {
    const abort = (): void => resolve({ exitCode: 130 });
    if (io.signal.aborted) abort();
    io.signal.addEventListener("abort", abort, { once: true });
  });
  const ended = await Promise.race([done, link.ended, aborted]);
  link.stop();
  await link.ended;
  if ("exitCode" in ended) return ended.exitCode;
  if (!ended.ok) printFailure(io, isJson, ended.error);
  return 1;
};
