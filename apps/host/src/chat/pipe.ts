import type { Io, Output } from "@gatehouse/cli-kit";
import { oneLine, onLines, visible, visibleJson } from "@gatehouse/std";
import {
  longestText,
  orderedEnd,
  type PastMessage,
  type LocalFile,
  isAnswerToCard,
} from "@gatehouse/channels/client";
import { cardText } from "./card-text.ts";
import { ending, type ChatClientOptions, type ChatMode, type Speak } from "./chat-mode.ts";
import { pastJson, pastRows } from "./past-rows.ts";
import { foreignRows, hostRows } from "./rows.ts";
import { fileText, type ReceivedMessage } from "./save-files.ts";

/** Most lines that wait for their turn. At this number no more of the input is read. */
const mostWaiting = 256;

/**
 * Sends each line of the input as a message once the one before it is settled, and prints each answer as a line: so lines and
 * answers have one order, and no turn takes several lines. If the client chats with one group, it prints only that
 * group's answers, because other groups may write to the same chat and to the person's direct chat.
 */
export const pipe = (
  options: ChatClientOptions,
  speak: Speak,
  attached: readonly LocalFile[] = [],
): ChatMode => {
  const { input, io, isJson } = options;
  const files = [...attached];
  const waiting: string[] = [];
  const own = new Set<string>();
  /** The message that the host has not settled yet. */
  let current: string | null = null;
  let [isWelcome, isOver] = [false, false];
  const { done, end } = ending();
  const note = noteTo(io);
  const failures = failing(note);
  const show = showing(io, isJson);
  let isOfGroup: IsOfGroup = () => true;

  const sendNext = (): void => {
    while (isWelcome && current === null && waiting.length > 0) {
      const text = waiting.shift() ?? "";
      if (isAnswerToCard(text)) failures.tell(notHere);
      else if (text.length > longestText) failures.tell(`A line is at most ${longestText} characters.`);
      else own.add((current = speak.say(text, files.splice(0))));
    }
    if (isWelcome && waiting.length < mostWaiting) input.resume();
    if (!isOver || current !== null || waiting.length > 0) return;
    if (files.splice(0).length > 0)
      failures.tell("The files were not sent, since stdin had no line to send them with.");
    end({ exitCode: failures.exitCode() });
  };

  onLines(input, (text) => {
    if (text.trim() !== "") waiting.push(text);
    if (waiting.length >= mostWaiting) input.pause();
    sendNext();
  });
  for (const event of ["end", "close"])
    input.on(event, () => {
      isOver = true;
      sendNext();
    });
  input.pause();

  return {
    done,
    close: () => void input.pause(),
    events: {
      welcome: ({ group, chat }) => {
        isOfGroup = (message) => group === null || (isFrom(message.from, group) && message.chat === chat);
        isWelcome = true;
        sendNext();
      },
      lost: () => io.stderr.isTTY === true && note("Host disconnected. Waiting for it to return..."),
      taken: () => undefined,
      past: (message) => showPast(io, isJson, message),
      refused: ({ id, message }) => {
        failures.tell(message);
        if (id === undefined || id !== current) return;
        if (isJson)
          io.stdout.write(`${visibleJson({ from: null, text: message, in_reply_to: id, failed: true })}\n`);
        current = null;
        sendNext();
      },
      message: (message) => {
        if (message.from !== null && !isOfGroup(message)) showOther(io, message);
        else if (message.card !== undefined || isFor(own, message)) show(message);
        if (!settles(message, current, failures)) return;
        current = null;
        sendNext();
      },
    },
  };
};

const notHere =
  "A line that begins as an answer to a card does is not sent to the agent. Answer the card at a terminal with gatehouse chat, or with ncl approvals.";

/** True if a message ends the wait for the current one. Then its outcome counts. */
const settles = (
  message: ReceivedMessage,
  current: string | null,
  failures: ReturnType<typeof failing>,
): boolean => {
  const pendingId = pendingIn(message);
  if (current === null || (pendingId ?? message.inReplyTo) !== current) return false;
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
const rowsOn = <T>(
  { isTTY, columns = 80 }: Output,
  text: T,
  rows: (text: T, columns: number) => readonly string[],
): string => rows(text, isTTY === true ? columns || 80 : Infinity).join("\n");

/**
 * Prints an answer on stdout. Texts of the host itself, cards, and reasons why a message was not answered go to stderr; with
 * --json also to stdout, each as an object.
 */
const showing =
  (io: Io, isJson: boolean) =>
  (message: ReceivedMessage): void => {
    const { id, from, text, inReplyTo, card, failed, files = [] } = message;
    if (isJson)
      io.stdout.write(`${visibleJson({ from, text, id, in_reply_to: inReplyTo, ...marks(message) })}\n`);
    if (card !== undefined) noteTo(io)(cardText(card, null));
    else if (!isJson && from !== null && failed !== true)
      io.stdout.write(`${answerText(io.stdout, from, text)}\n`);
    if (failed === true && !isOrderedEnd(message)) noteTo(io)(`error: ${oneLine(text)}`);
    else if (card === undefined && from === null) noteTo(io)(oneLine(text));
    if (!isJson) for (const file of files) noteForeign(io)(`file ${fileText(file)}`);
  };

/** A person ended the message: that fails it, and is no error. */
const isOrderedEnd = ({ id, from }: ReceivedMessage): boolean => from === null && id.startsWith(orderedEnd);

/** On stderr, because it is no answer; with --json on stdout. A card that is still open follows as a new message. */
const showPast = ({ stdout, stderr }: Io, isJson: boolean, message: PastMessage): void => {
  if (isJson) stdout.write(`${visibleJson({ past: true, ...pastJson(message) })}\n`);
  else if (message.card?.isOpen !== true) stderr.write(`${rowsOn(stderr, message, pastRows)}\n`);
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

const marks = ({
  failed,
  files,
  card,
}: ReceivedMessage): Pick<ReceivedMessage, "failed" | "files" | "card"> => ({
  ...(card === undefined ? {} : { card }),
  ...(files === undefined ? {} : { files }),
  ...(failed === true ? { failed } : {}),
});

const hasProblem = ({ files = [] }: ReceivedMessage): boolean =>
  files.some(({ problem }) => problem !== undefined);

/** An agent with its own name speaks as `Ada (group)`. */
const isFrom = (from: string | null, group: string): boolean =>
  from === group || from?.endsWith(` (${group})`) === true;
