import { clearLine, createInterface, cursorTo } from "node:readline";
import { visibleLines } from "@gatehouse/std";
import { longestText } from "../local/frames.ts";
import { cardText } from "./card-text.ts";
import type { ChatClientOptions, ChatMode, Speak } from "./chat-mode.ts";
import { questions, type Questions } from "./questions.ts";

/** A conversation at a terminal: answers as they come, and cards that are answered by a number. */
export const conversation = (
  { input, io }: ChatClientOptions,
  terminal: NodeJS.WritableStream,
  speak: Speak,
): ChatMode => {
  let end: (ended: { readonly exitCode: number }) => void = () => {};
  const done = new Promise<{ readonly exitCode: number }>((resolve) => (end = resolve));
  const asked = questions();
  const prompt = createInterface({ input, output: terminal, terminal: true, prompt: "> ", historySize: 100 });
  let isClosed = false;
  let isOver = false;
  /** Above the line that is being typed. */
  const above = (write: () => void): void => {
    if (isClosed || isOver) return;
    cursorTo(terminal, 0);
    clearLine(terminal, 0);
    write();
    prompt.prompt(true);
  };
  const print = (text: string): void => above(() => void terminal.write(`${visibleLines(text)}\n`));
  const note = (text: string): void => above(() => void io.stderr.write(`${visibleLines(text)}\n`));

  prompt.on("line", (text) => {
    prompt.prompt();
    const refused = sayLine(text, asked, speak);
    if (refused !== null) note(refused);
  });
  prompt.on("SIGINT", () => end({ exitCode: 130 }));
  /** After Ctrl-D, what was typed before is still sent. */
  const endIfSent = (): void => {
    if (isOver && speak.unsent() === 0) end({ exitCode: 0 });
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
      welcome: ({ userId, group }, isFirst) =>
        isFirst ? print(`${group}, for ${userId}. Ctrl-D ends.`) : note("Connected again."),
      lost: () => note("The host is gone; it is waited for."),
      taken: endIfSent,
      refused: ({ message }) => note(`error: ${message}`),
      message: (message) => {
        const { from, text, inReplyTo } = message;
        if (message.card !== undefined)
          return print(cardText(message.card, asked.add(message.id, message.card)));
        if (inReplyTo !== null) asked.close(inReplyTo);
        print(`${from ?? (message.failed === true ? "error" : "host")}: ${text}`);
      },
    },
  };
};

/** Sends a line as a message, or as the answer that it names. Returns why it was not sent. */
const sayLine = (text: string, asked: Questions, speak: Speak): string | null => {
  if (text.trim() === "") return null;
  const option = asked.named(text);
  if (option !== undefined && !option.isOpen) return `Question ${text.trim()} is closed; nothing was sent.`;
  if (text.length > longestText) return `A line is at most ${longestText} characters; nothing was sent.`;
  if (option === undefined) speak.say(text);
  else speak.answer(option.cardId, option.value);
  return null;
};
