import { clearLine, createInterface, cursorTo } from "node:readline";
import { visibleLines } from "@gatehouse/std";
import { longestText } from "../local/frames.ts";
import { cardText } from "./card-text.ts";
import { ending, type ChatClientOptions, type ChatMode, type Speak } from "./chat-mode.ts";
import { lookAtFile, type LocalFile } from "./local-file.ts";
import { questions, type Questions } from "./questions.ts";
import { fileText } from "./save-files.ts";

/** A conversation at a terminal: answers as they come, and cards that are answered by a number. */
export const conversation = (
  { input, io }: ChatClientOptions,
  terminal: NodeJS.WritableStream,
  speak: Speak,
  attachedBefore: readonly LocalFile[] = [],
): ChatMode => {
  const { done, end } = ending();
  const asked = questions();
  const prompt = createInterface({ input, output: terminal, terminal: true, prompt: "> ", historySize: 100 });
  let isClosed = false;
  let isOver = false;
  /** Above the line that is being typed. */
  const above = (write: () => void): void => {
    if (isClosed) return;
    // After Ctrl-D nothing is typed any more.
    if (isOver) return write();
    cursorTo(terminal, 0);
    clearLine(terminal, 0);
    write();
    prompt.prompt(true);
  };
  const print = (text: string): void => above(() => void terminal.write(`${visibleLines(text)}\n`));
  const note = (text: string): void => above(() => void io.stderr.write(`${visibleLines(text)}\n`));

  const lines = lineReader({ io, asked, speak, note, isRead: () => endIfSent() }, attachedBefore);
  prompt.on("line", () => prompt.prompt());
  prompt.on("line", lines.read);
  prompt.on("SIGINT", () => end({ exitCode: 130 }));
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
      isClosed = true;
      prompt.close();
      terminal.write("\n");
    },
    events: {
      welcome: (welcome, isFirst) => (isFirst ? print(greeting(welcome)) : note("Connected again.")),
      lost: () => note("The host is gone; it is waited for."),
      taken: endIfSent,
      refused: ({ message }) => note(`error: ${message}`),
      message: (message) => {
        const { from, text, inReplyTo, card, files = [] } = message;
        if (card !== undefined) return print(cardText(card, asked.add(message.id, card)));
        if (inReplyTo !== null) asked.close(inReplyTo);
        print(`${from ?? (message.failed === true ? "error" : "host")}: ${text}`);
        for (const file of files) print(`  file ${fileText(file)}`);
      },
    },
  };
};

const greeting = ({ userId, group }: { readonly userId: string; readonly group: string | null }): string =>
  `${group ?? "Your direct chat"}, for ${userId}. Ctrl-D ends.`;

type Reading = Pick<ChatClientOptions, "io"> & {
  readonly asked: Questions;
  readonly speak: Speak;
  readonly note: (text: string) => void;
  /** Called when lines that had to wait were read. */
  readonly isRead: () => void;
};

/** What a person types. A line waits until the file of the line before it was looked at. */
const lineReader = ({ io, asked, speak, note, isRead }: Reading, attachedBefore: readonly LocalFile[]) => {
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
    if (said) attached = [];
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

type Heard = { readonly said: boolean; readonly refused: string | null };
const notSent = (refused: string | null): Heard => ({ said: false, refused });

/** Sends a line as a message, or as the answer that it names; or says why it was not sent. */
const sayLine = (text: string, files: readonly LocalFile[], asked: Questions, speak: Speak): Heard => {
  if (text.trim() === "") return notSent(null);
  const option = asked.named(text);
  if (option !== undefined && !option.isOpen)
    return notSent(`Question ${text.trim()} is closed; nothing was sent.`);
  if (text.length > longestText)
    return notSent(`A line is at most ${longestText} characters; nothing was sent.`);
  if (option !== undefined) {
    speak.answer(option.cardId, option.value);
    return notSent(null);
  }
  speak.say(text, files);
  return { said: true, refused: null };
};
