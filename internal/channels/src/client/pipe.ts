import { createInterface } from "node:readline";
import type { Io } from "@gatehouse/cli-kit";
import { visible, visibleJson, visibleLines } from "@gatehouse/std";
import { longestText } from "../local/frames.ts";
import { cardText } from "./card-text.ts";
import type { ChatClientOptions, ChatMode, Speak } from "./chat-mode.ts";
import type { LocalFile } from "./local-file.ts";
import { fileText, type ReceivedMessage } from "./save-files.ts";

/** Messages on their way to the host. Beyond these no more lines are read. */
const mostUnsent = 256;

/** Each line of the input is a message; each answer is a line of the output. */
export const pipe = (
  { input, io, isJson }: ChatClientOptions,
  speak: Speak,
  attachedBefore: readonly LocalFile[] = [],
): ChatMode => {
  let attached = attachedBefore;
  const own = new Set<string>();
  const unanswered = new Set<string>();
  let hasFailed = false;
  let isOver = false;
  let end: (ended: { readonly exitCode: number }) => void = () => {};
  const done = new Promise<{ readonly exitCode: number }>((resolve) => (end = resolve));
  const note = noteTo(io);
  const show = showing(io, isJson);
  const endIfOver = (): void => {
    if (isOver && unanswered.size === 0) end({ exitCode: hasFailed ? 1 : 0 });
  };
  const failed = (text: string): void => {
    hasFailed = true;
    note(`error: ${text}`);
  };

  const lines = createInterface({ input, crlfDelay: Infinity });
  // Nothing is read before the host knows who speaks.
  lines.pause();
  lines.on("line", (text) => {
    if (text.trim() === "") return;
    if (text.length > longestText) return failed(`A line is at most ${longestText} characters.`);
    const id = speak.say(text, attached);
    attached = [];
    own.add(id);
    unanswered.add(id);
    if (speak.unsent() >= mostUnsent) lines.pause();
  });
  lines.on("close", () => {
    isOver = true;
    if (attached.length > 0) failed("There was no line for the files to go with; they were not sent.");
    attached = [];
    endIfOver();
  });

  return {
    done,
    close: () => lines.close(),
    events: {
      welcome: () => lines.resume(),
      lost: () => {
        if (io.stderr.isTTY === true) note("The host is gone; it is waited for.");
      },
      taken: () => {
        if (speak.unsent() < mostUnsent) lines.resume();
      },
      refused: ({ id, message }) => {
        failed(message);
        if (id !== undefined) unanswered.delete(id);
        endIfOver();
      },
      message: (message) => {
        const isOther = message.inReplyTo !== null && !own.has(message.inReplyTo);
        if (!isOther || message.card !== undefined) show(message);
        if (message.inReplyTo === null || !unanswered.delete(message.inReplyTo)) return;
        if (message.failed === true || hasProblem(message)) hasFailed = true;
        endIfOver();
      },
    },
  };
};

const noteTo =
  ({ stderr }: Io) =>
  (text: string): void =>
    void stderr.write(`${visibleLines(text)}\n`);

/**
 * An answer is a line of stdout. What the host itself says is one of stderr, and so is why a message was not
 * answered.
 */
const showing =
  (io: Io, isJson: boolean) =>
  (message: ReceivedMessage): void => {
    const { id, from, text, inReplyTo, card, failed, files = [] } = message;
    if (card !== undefined) noteTo(io)(cardText(card, null));
    else if (isJson && (from !== null || failed === true))
      io.stdout.write(`${visibleJson({ from, text, id, in_reply_to: inReplyTo, ...marks(message) })}\n`);
    else if (from !== null && failed !== true)
      io.stdout.write(`${text.split("\n").map(visible).join("\\n")}\n`);
    if (failed === true) noteTo(io)(`error: ${text}`);
    else if (card === undefined && from === null) noteTo(io)(text);
    if (!isJson) for (const file of files) noteTo(io)(`file ${fileText(file)}`);
  };

const marks = ({ failed, files }: ReceivedMessage): Pick<ReceivedMessage, "failed" | "files"> => ({
  ...(files === undefined ? {} : { files }),
  ...(failed === true ? { failed } : {}),
});

const hasProblem = ({ files = [] }: ReceivedMessage): boolean =>
  files.some(({ problem }) => problem !== undefined);
