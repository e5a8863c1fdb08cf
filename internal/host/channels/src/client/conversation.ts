import { createInterface, type Interface } from "node:readline";
import { oneLine } from "@gatehouse/std";
import { longestText } from "../local/frames.ts";
import { cardText } from "./card-text.ts";
import { ending, type ChatClientOptions, type ChatMode, type Speak } from "./chat-mode.ts";
import { linesAbove, type LinesAbove } from "./lines-above.ts";
import { statFile, type LocalFile } from "./local-file.ts";
import { drawMarkdown } from "./markdown/draw-markdown.ts";
import { breakMark, pastedLines, pasteOff, pasteOn } from "./pasted-lines.ts";
import { questions, type Questions } from "./questions.ts";
import { foreignMark, foreignRows, marked, widthAfter } from "./rows.ts";
import { fileText, type ReceivedMessage } from "./save-files.ts";

/**
 * A conversation at a terminal: shows answers as they arrive, and cards that are answered by a word and their
 * code.
 */
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
  let isOver = false;
  const above = linesAbove(prompt, { terminal, io, isOver: () => isOver });
  const { note } = above;
  // Before the editor gets the key: it leaves the line where it is, and goes on below.
  typed.prependListener("keypress", (_text, key?: { readonly name?: string }) => {
    if (key?.name === "return" || key?.name === "enter") above.preview("");
  });
  terminal.write(pasteOn);
  const working = workingNotes(note);
  const draw = (text: string, from: string, columns: number): readonly string[] => {
    const drawn = io.env["NO_COLOR"] ? null : drawMarkdown(text, from, widthAfter(foreignMark, columns) + 1);
    return drawn === null ? foreignRows(`${from}: ${text}`, columns) : marked(drawn);
  };
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
  /** Text that was typed before Ctrl-D is still sent. */
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
      above.stop();
      working.stop();
      prompt.close();
      input.unpipe(typed).pause();
      terminal.write(`${pasteOff}\n`);
    },
    events: { ...shownEvents(above, { asked, ...working, draw }), taken: endIfSent },
  };
};

type Shown = {
  readonly asked: Questions;
  /** Called when there is an answer to a message, or its beginning. */
  readonly answered: (messageId: string) => void;
  /** Called when the agent works on something else first. */
  readonly waits: (messageId: string) => void;
  /** Called when a person is asked: until the answer, no agent works on. */
  readonly stop: () => void;
  /** The Markdown of an agent with this name, in marked rows. */
  readonly draw: (text: string, from: string, columns: number) => readonly string[];
};

const shownEvents = (
  { print, printForeign, note, preview }: LinesAbove,
  { asked, answered, waits: toldToWait, stop, draw }: Shown,
): Omit<ChatMode["events"], "taken"> => ({
  welcome: (welcome, isFirst) => (isFirst ? print(greeting(welcome)) : note("Connected again.")),
  lost: () => note("Host disconnected. Waiting for it to return..."),
  refused: ({ message }) => note(`error: ${message}`),
  writing: ({ from, inReplyTo, text, waits }) => {
    if (waits === true) return toldToWait(inReplyTo);
    answered(inReplyTo);
    preview(text === "" ? "" : `${from ?? "agent"}: ${text}`);
  },
  message: (message) => {
    const { id, inReplyTo, card } = message;
    if (inReplyTo !== null) preview("");
    if (card !== undefined) {
      stop();
      return print(cardText(card, asked.add(id, card)));
    }
    for (const closed of [asked.close, answered]) if (inReplyTo !== null) closed(inReplyTo);
    const { from, text, files = [] } = message;
    if (from === null) print(hostLine(message));
    else printForeign((columns) => draw(text, from, columns));
    for (const file of files) printForeign((columns) => foreignRows(`file ${fileText(file)}`, columns));
  },
});

const lineEditor = (input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Interface =>
  createInterface({ input, output, terminal: true, prompt: "> ", historySize: 100 });

/** Moves to the end of the line and deletes everything before it, with the keys of a line editor. */
const clearDraft = (prompt: Interface): void => {
  prompt.write(null, { ctrl: true, name: "e" });
  prompt.write(null, { ctrl: true, name: "u" });
};

const hostLine = ({ text, failed }: ReceivedMessage): string =>
  `${failed === true ? "error" : "host"}: ${oneLine(text)}`;

const greeting = ({ userId, group }: { readonly userId: string; readonly group: string | null }): string =>
  `${oneLine(group ?? "Your direct chat")}, for ${oneLine(userId)}. /help shows what you can type; Ctrl-D ends.`;

const help = [
  "Enter sends; Alt-Enter begins a new line, and a paste of several lines is one message.",
  "Up and Down bring back what you have sent. Ctrl-C clears the line, or ends.",
  "/attach FILE   send a file with the next message",
  "approve CODE, always CODE, reject CODE, answer CODE   answer a card, with the lines and the code below it",
  "reject CODE because ...   reject with words that the agent reads",
  "/stop   end what the agent does now; /clear also begins a new conversation",
  "/compact   sum up the conversation, so that later turns send less of it",
  "/cost   what this conversation used, and what you and the group may still use today",
  "/withdraw   take back your newest message that the agent has not begun with",
  "/model   show the agent's model; /model NAME sets it for this conversation, /model default takes that back",
  "/exit   leave the conversation; the agent keeps working",
].join("\n");

/** A person is told that the agent is working if there is no answer for this long, ms. */
const quietMs = 1_500;

const queued = "Queued behind the running turn; /withdraw takes it back.";

/** Notes that the agent is working, once for each message without a quick answer, or that a message waits. */
const workingNotes = (note: (text: string) => void) => {
  const waits = new Map<string, NodeJS.Timeout>();
  const own = new Set<string>();
  return {
    waits: (id: string): void => {
      clearTimeout(waits.get(id));
      // Other clients of the chat have messages too.
      if (own.delete(id)) note(queued);
    },
    said: (id: string): void => {
      own.add(id);
      const tell = (): void => {
        waits.delete(id);
        note("...the agent is working");
      };
      waits.set(id, setTimeout(tell, quietMs));
    },
    answered: (id: string): void => {
      clearTimeout(waits.get(id));
      waits.delete(id);
      own.delete(id);
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
  /** Called when the waiting lines were read. */
  readonly isRead: () => void;
};

/** Reads the typed lines. A line waits until the file that the line before it names is checked. */
const lineReader = (
  { io, asked, speak, note, said: sent, isRead }: Reading,
  attachedBefore: readonly LocalFile[],
) => {
  let attached = attachedBefore;
  let busy: Promise<void> | null = null;
  const attach = async (path: string): Promise<void> => {
    const file = await statFile(io.cwd, path, attached);
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

/** `said` is the id of the sent message. */
type Heard = { readonly said: string | null; readonly refused: string | null };
const notSent = (refused: string | null): Heard => ({ said: null, refused });

/** Sends a line as a message, or as the answer to a card; or returns why it was not sent. */
const sayLine = (text: string, files: readonly LocalFile[], asked: Questions, speak: Speak): Heard => {
  if (text.trim() === "") return notSent(null);
  const option = asked.named(text);
  if (option !== undefined && !option.isOpen)
    return notSent(`This card has been answered already; nothing was sent.`);
  const why = option === undefined ? asked.notForAgent(text) : null;
  if (why !== null) return notSent(why);
  if (text.length > longestText)
    return notSent(`A message is at most ${longestText} characters; nothing was sent.`);
  if (option !== undefined) {
    speak.answer(option.cardId, option.value);
    return notSent(null);
  }
  return { said: speak.say(text, files), refused: null };
};
