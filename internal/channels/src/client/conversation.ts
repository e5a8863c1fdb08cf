import { clearLine, createInterface, cursorTo, type Interface } from "node:readline";
import { visibleLines } from "@gatehouse/std";
import { longestText } from "../local/frames.ts";
import { cardText } from "./card-text.ts";
import { ending, type ChatClientOptions, type ChatMode, type Speak } from "./chat-mode.ts";
import { lookAtFile, type LocalFile } from "./local-file.ts";
import { breakMark, pastedLines, pasteOff, pasteOn } from "./pasted-lines.ts";
import { questions, type Questions } from "./questions.ts";
import { fileText, type ReceivedMessage } from "./save-files.ts";

/** A conversation at a terminal: answers as they come, and cards that are answered by a word and their code. */
export const conversation = (
  { input, io }: ChatClientOptions,
  terminal: NodeJS.WritableStream,
  speak: Speak,
  attachedBefore: readonly LocalFile[] = [],
): ChatMode => {
  const { done, end } = ending();
  const asked = questions();
  const typed = pastedLines(input);
  const prompt = lineEditor(typed, terminal);
  terminal.write(pasteOn);
  let isOver = false;
  const { print, note, stop } = writersAbove(prompt, { terminal, io, isOver: () => isOver });
  const working = workingNotes(note);
  const heard = { io, asked, note, said: working.said, isRead: () => endIfSent() };
  const lines = lineReader({ ...heard, speak }, attachedBefore);
  prompt.on("line", (line) => {
    prompt.prompt();
    const text = line.replaceAll(breakMark, "\n");
    if (text.trim() === "/exit") prompt.close();
    else if (text.trim() === "/help") note(help);
    else lines.read(text);
  });
  prompt.on("SIGINT", () => {
    if (prompt.line === "") return end({ exitCode: 130 });
    clearDraft(prompt);
    note("Your draft is cleared. Press Ctrl-C again to leave.");
  });
  /** After Ctrl-D, what was typed before is still sent. */
  const endIfSent = (): void => {
    if (isOver && !lines.isBusy() && speak.unsent() === 0) end({ exitCode: 0 });
  };
  prompt.on("close", () => {
    isOver = true;
    endIfSent();
  });

  return {
    done,
    close: () => {
      stop();
      working.stop();
      prompt.close();
      input.unpipe(typed).pause();
      terminal.write(`${pasteOff}\n`);
    },
    events: {
      welcome: (welcome, isFirst) => (isFirst ? print(greeting(welcome)) : note("Connected again.")),
      lost: () => note("Host disconnected. Waiting for it to return..."),
      taken: endIfSent,
      refused: ({ message }) => note(`error: ${message}`),
      message: (message) => {
        const { id, inReplyTo, card } = message;
        if (card !== undefined) return print(cardText(card, asked.add(id, card)));
        for (const closed of [asked.close, working.answered]) if (inReplyTo !== null) closed(inReplyTo);
        for (const line of messageLines(message)) print(line);
      },
    },
  };
};

const lineEditor = (input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Interface =>
  createInterface({ input, output, terminal: true, prompt: "> ", historySize: 100 });

/** Goes to the line's end, and takes away all before it, as the keys of a line editor do. */
const clearDraft = (prompt: Interface): void => {
  prompt.write(null, { ctrl: true, name: "e" });
  prompt.write(null, { ctrl: true, name: "u" });
};

type Place = Pick<ChatClientOptions, "io"> & {
  readonly terminal: NodeJS.WritableStream;
  /** After Ctrl-D nothing is typed any more. */
  readonly isOver: () => boolean;
};

/** Writes above the line that is being typed, until `stop`: texts to the terminal, notes to stderr. */
const writersAbove = (prompt: Interface, { terminal, io, isOver }: Place) => {
  let isStopped = false;
  const above = (write: () => void): void => {
    if (isStopped) return;
    if (isOver()) return write();
    cursorTo(terminal, 0);
    clearLine(terminal, 0);
    write();
    prompt.prompt(true);
  };
  return {
    print: (text: string): void => above(() => void terminal.write(`${visibleLines(text)}\n`)),
    note: (text: string): void => above(() => void io.stderr.write(`${visibleLines(text)}\n`)),
    stop: (): void => void (isStopped = true),
  };
};

const messageLines = ({ from, text, failed, files = [] }: ReceivedMessage): readonly string[] => [
  `${from ?? (failed === true ? "error" : "host")}: ${text}`,
  ...files.map((file) => `  file ${fileText(file)}`),
];

const greeting = ({ userId, group }: { readonly userId: string; readonly group: string | null }): string =>
  `${group ?? "Your direct chat"}, for ${userId}. /help shows what you can type; Ctrl-D ends.`;

const help = [
  "Enter sends; Alt-Enter begins a new line, and a paste of several lines is one message.",
  "Up and Down bring back what you have sent. Ctrl-C clears the line, or ends.",
  "/attach FILE   send a file with the next message",
  "approve CODE, reject CODE   answer a card, with the code below it",
  "/exit   leave the conversation; the agent keeps working",
].join("\n");

/** After this time without an answer a person is told that the agent works, ms. */
const quietMs = 1_500;

/** Says that the agent works, once for each message that is not answered at once. */
const workingNotes = (note: (text: string) => void) => {
  const waits = new Map<string, NodeJS.Timeout>();
  return {
    said: (id: string): void => {
      const tell = (): void => {
        waits.delete(id);
        note("...the agent is working");
      };
      waits.set(id, setTimeout(tell, quietMs));
    },
    answered: (id: string): void => {
      clearTimeout(waits.get(id));
      waits.delete(id);
    },
    stop: (): void => {
      for (const wait of waits.values()) clearTimeout(wait);
    },
  };
};

type Reading = Pick<ChatClientOptions, "io"> & {
  readonly asked: Questions;
  readonly speak: Speak;
  readonly note: (text: string) => void;
  /** Called with the id of each message that was sent. */
  readonly said: (id: string) => void;
  /** Called when lines that had to wait were read. */
  readonly isRead: () => void;
};

/** What a person types. A line waits until the file of the line before it was looked at. */
const lineReader = (
  { io, asked, speak, note, said: sent, isRead }: Reading,
  attachedBefore: readonly LocalFile[],
) => {
  let attached = attachedBefore;
  let busy: Promise<void> | null = null;
  const attach = async (path: string): Promise<void> => {
    const file = await lookAtFile(io.cwd, path, attached);
    if (!file.ok) return note(`${file.error} It was not attached.`);
    attached = [...attached, file.value];
    note(`Attached ${attachedText(attached)}: with the next message.`);
  };
  const hear = (text: string): void => {
    const { said, refused } = sayLine(text, attached, asked, speak);
    if (said !== null) attached = [];
    if (said !== null) sent(said);
    if (refused !== null) note(refused);
  };
  return {
    isBusy: (): boolean => busy !== null,
    read: (text: string): void => {
      const path = attachLine.exec(text)?.[1]?.trim();
      if (path === undefined && busy === null) return hear(text);
      const last = (busy ?? Promise.resolve()).then(() => (path === undefined ? hear(text) : attach(path)));
      busy = last;
      void last.finally(() => {
        if (busy === last) busy = null;
        isRead();
      });
    },
  };
};

/** `/attach FILE`: the file goes with the next message. */
const attachLine = /^\/attach\s+(\S.*)$/;

const attachedText = (files: readonly LocalFile[]): string =>
  files.map(({ name, size }) => `${name} (${size} bytes)`).join(", ");

/** `said` is the id of the message that was sent. */
type Heard = { readonly said: string | null; readonly refused: string | null };
const notSent = (refused: string | null): Heard => ({ said: null, refused });

/** Sends a line as a message, or as the answer that it names; or says why it was not sent. */
const sayLine = (text: string, files: readonly LocalFile[], asked: Questions, speak: Speak): Heard => {
  if (text.trim() === "") return notSent(null);
  const option = asked.named(text);
  if (option !== undefined && !option.isOpen)
    return notSent(`This card has been answered already; nothing was sent.`);
  const code = asked.nearly(text);
  if (option === undefined && code !== undefined)
    return notSent(
      `Type exactly one line from below the card (approve ${code}, reject ${code}); nothing was sent.`,
    );
  if (text.length > longestText)
    return notSent(`A message is at most ${longestText} characters; nothing was sent.`);
  if (option !== undefined) {
    speak.answer(option.cardId, option.value);
    return notSent(null);
  }
  return { said: speak.say(text, files), refused: null };
};
