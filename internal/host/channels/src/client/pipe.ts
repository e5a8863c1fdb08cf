import { createInterface, type Interface } from "node:readline";
import type { Io, Output } from "@gatehouse/cli-kit";
import { oneLine, visible, visibleJson } from "@gatehouse/std";
import { longestText } from "../local/frames.ts";
import { cardText } from "./card-text.ts";
import { ending, type ChatClientOptions, type ChatMode, type Speak } from "./chat-mode.ts";
import type { LocalFile } from "./local-file.ts";
import { isAnswerToCard } from "./questions.ts";
import { foreignRows, hostRows } from "./rows.ts";
import { fileText, type ReceivedMessage } from "./save-files.ts";

/** Most messages on their way to the host. At this number no more lines are read. */
const mostUnsent = 256;

/**
 * Sends each line of the input as a message, and prints each answer as a line. If the client chats with one
 * group, it prints only that group's answers, because other groups may write to the same chat and to the
 * person's direct chat.
 */
export const pipe = (
  options: ChatClientOptions,
  speak: Speak,
  attached: readonly LocalFile[] = [],
): ChatMode => {
  const { input, io, isJson } = options;
  const files = [...attached];
  const [own, unanswered] = [new Set<string>(), new Set<string>()];
  let isOver = false;
  const { done, end } = ending();
  const note = noteTo(io);
  const failures = failing(note);
  const show = showing(io, isJson);
  let isOfGroup: IsOfGroup = () => true;
  const endIfOver = (): void => {
    if (isOver && unanswered.size === 0) end({ exitCode: failures.exitCode() });
  };

  const lines = pausedLines(input, (text) => {
    // The agent must not learn the code of a card.
    if (isAnswerToCard(text)) return failures.tell(notHere);
    if (text.length > longestText) return failures.tell(`A line is at most ${longestText} characters.`);
    const id = speak.say(text, files.splice(0));
    own.add(id);
    unanswered.add(id);
    if (speak.unsent() >= mostUnsent) lines.pause();
  });
  lines.on("close", () => {
    isOver = true;
    if (files.splice(0).length > 0)
      failures.tell("The files were not sent, since stdin had no line to send them with.");
    endIfOver();
  });

  return {
    done,
    close: () => lines.close(),
    events: {
      welcome: ({ group, chat }) => {
        isOfGroup = (message) => group === null || (isFrom(message.from, group) && message.chat === chat);
        lines.resume();
      },
      lost: () => io.stderr.isTTY === true && note("Host disconnected. Waiting for it to return..."),
      taken: () => {
        if (speak.unsent() < mostUnsent) lines.resume();
      },
      refused: ({ id, message }) => {
        failures.tell(message);
        if (id !== undefined) unanswered.delete(id);
        endIfOver();
      },
      message: (message) => {
        if (message.from !== null && !isOfGroup(message)) showOther(io, message);
        else if (message.card !== undefined || isFor(own, message)) show(message);
        if (settles(message, unanswered, failures)) endIfOver();
      },
    },
  };
};

const notHere =
  "A line that begins as an answer to a card does is not sent to the agent. Answer the card at a terminal with gatehouse chat, or with ncl approvals.";

/** The lines that are not empty. Reading starts when the host has welcomed the client. */
const pausedLines = (input: ChatClientOptions["input"], hear: (text: string) => void): Interface => {
  const lines = createInterface({ input, crlfDelay: Infinity });
  lines.pause();
  lines.on("line", (text) => {
    if (text.trim() !== "") hear(text);
  });
  return lines;
};

/** True if a message ends the wait for one of the client's own messages. Then its outcome counts. */
const settles = (
  message: ReceivedMessage,
  unanswered: Set<string>,
  failures: ReturnType<typeof failing>,
): boolean => {
  const pendingId = pendingIn(message);
  const about = pendingId ?? message.inReplyTo;
  if (about === null || !unanswered.delete(about)) return false;
  // A person may take a day to decide, so the client ends and the message stays with the host.
  if (pendingId !== null) failures.markPending();
  else if (message.failed === true || hasProblem(message)) failures.count();
  return true;
};

/**
 * The message that awaits a person's decision, from the id of the host's text about it; null for other texts.
 */
const pendingIn = ({ id, from }: ReceivedMessage): string | null =>
  from === null && id.startsWith("held-") ? id.slice("held-".length) : null;

/** True for a message of the client's own group in their chat. */
type IsOfGroup = (message: ReceivedMessage) => boolean;

/** True for a message to this client: it answers one of the client's messages, or no message. */
const isFor = (own: ReadonlySet<string>, { inReplyTo }: ReceivedMessage): boolean =>
  inReplyTo === null || own.has(inReplyTo);

const failing = (note: (text: string) => void) => {
  let [hasFailed, isPending] = [false, false];
  const count = (): void => void (hasFailed = true);
  const tell = (text: string): void => {
    count();
    note(`error: ${text}`);
  };
  return {
    count,
    tell,
    markPending: (): void => void (isPending = true),
    /** 3: a person must decide first. */
    exitCode: (): number => (hasFailed ? 1 : isPending ? 3 : 0),
  };
};

const noteTo =
  ({ stderr }: Io) =>
  (text: string): void =>
    void stderr.write(`${rowsOn(stderr, text, hostRows)}\n`);

/** At a terminal each row is marked, or known as the host's. Elsewhere a line stays one line. */
const rowsOn = ({ isTTY, columns = 80 }: Output, text: string, rows: typeof hostRows): string =>
  rows(text, isTTY === true ? columns || 80 : Infinity).join("\n");

/**
 * Prints an answer on stdout. Texts of the host itself, and reasons why a message was not answered, go to
 * stderr.
 */
const showing =
  (io: Io, isJson: boolean) =>
  (message: ReceivedMessage): void => {
    const { id, from, text, inReplyTo, card, failed, files = [] } = message;
    if (card !== undefined) noteTo(io)(cardText(card, null));
    else if (isJson && (from !== null || failed === true))
      io.stdout.write(`${visibleJson({ from, text, id, in_reply_to: inReplyTo, ...marks(message) })}\n`);
    else if (from !== null && failed !== true) io.stdout.write(`${answerText(io.stdout, from, text)}\n`);
    if (failed === true) noteTo(io)(`error: ${oneLine(text)}`);
    else if (card === undefined && from === null) noteTo(io)(oneLine(text));
    if (!isJson) for (const file of files) noteForeign(io)(`file ${fileText(file)}`);
  };

/** An answer is one line, and the agent's words alone. A person at a terminal sees its rows, each marked. */
const answerText = (stdout: Output, from: string, text: string): string =>
  stdout.isTTY === true
    ? rowsOn(stdout, `${from}: ${text}`, foreignRows)
    : text.split("\n").map(visible).join("\\n");

const noteForeign =
  ({ stderr }: Io) =>
  (text: string): void =>
    void stderr.write(`${rowsOn(stderr, text, foreignRows)}\n`);

/** Prints another group's texts on stderr, with its name, because they are no answers. */
const showOther = (io: Io, { from, text, files = [] }: ReceivedMessage): void => {
  noteForeign(io)(`${visible(from ?? "host")}: ${text}`);
  for (const file of files) noteForeign(io)(`file ${fileText(file)}`);
};

const marks = ({ failed, files }: ReceivedMessage): Pick<ReceivedMessage, "failed" | "files"> => ({
  ...(files === undefined ? {} : { files }),
  ...(failed === true ? { failed } : {}),
});

const hasProblem = ({ files = [] }: ReceivedMessage): boolean =>
  files.some(({ problem }) => problem !== undefined);

/** An agent with its own name speaks as `Ada (group)`. */
const isFrom = (from: string | null, group: string): boolean =>
  from === group || from?.endsWith(` (${group})`) === true;
