import { createInterface, type Interface } from "node:readline";
import { oneLine, onLines } from "@gatehouse/std";
import {
  longestText,
  orderedEnd,
  statFile,
  type LocalFile,
  questions,
  type Questions,
} from "@gatehouse/channels/client";
import { cardText } from "./card-text.ts";
import { help, isOrder } from "./chat-commands.ts";
import { ending, type ChatClientOptions, type ChatMode, type Speak } from "./chat-mode.ts";
import { columnsOf, linesAbove, type LinesAbove } from "./lines-above.ts";
import { drawMarkdown } from "./markdown/draw-markdown.ts";
import { pastRows, undrawn, type Draw } from "./past-rows.ts";
import { breakMark, pastedLines, pasteOff, pasteOn } from "./pasted-lines.ts";
import { foreignMark, foreignRows, hostRows, marked, widthAfter } from "./rows.ts";
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
  const draw: Draw = (text, from, columns) => {
    const drawn = io.env["NO_COLOR"] ? null : drawMarkdown(text, from, widthAfter(foreignMark, columns) + 1);
    return drawn === null ? undrawn(text, from, columns) : marked(drawn);
  };
  const heard = { io, speak, above, draw, help: help(editorKeys), isRead: () => endIfSent() };
  const talk = talking({ ...heard, leave: () => prompt.close() }, attachedBefore);
  prompt.on("line", (line) => {
    prompt.prompt();
    talk.read(line.replaceAll(breakMark, "\n"));
  });
  prompt.on("SIGINT", () => {
    if (prompt.line === "") return end({ exitCode: 130 });
    clearDraft(prompt);
    note("Your draft is cleared. Press Ctrl-C again to leave.");
  });
  /** Text that was typed before Ctrl-D is still sent. */
  const endIfSent = (): void => {
    if (isOver && !talk.isBusy() && speak.unsent() === 0) end({ exitCode: 0 });
  };
  prompt.on("close", () => {
    isOver = true;
    endIfSent();
  });

  return {
    done,
    close: () => {
      above.stop();
      talk.stop();
      prompt.close();
      input.unpipe(typed).pause();
      terminal.write(`${pasteOff}\n`);
    },
    events: { ...talk.events, taken: endIfSent },
  };
};

const editorKeys: readonly string[] = [
  "Enter sends; Alt-Enter begins a new line. A paste of several lines is one",
  "message. Up and Down bring back what you have sent. Ctrl-C clears the line,",
  "or ends.",
];

/**
 * A conversation at a terminal that shows whole lines alone, for `TERM=dumb` and screen readers: the terminal edits the
 * line that is typed, and nothing is drawn before it is complete.
 */
export const lineByLine = (
  { input, io }: ChatClientOptions,
  terminal: NodeJS.WritableStream,
  speak: Speak,
  attachedBefore: readonly LocalFile[] = [],
): ChatMode => {
  const { done, end } = ending();
  const write = (output: { write(text: string): unknown }, rows: readonly string[]): void =>
    void output.write(rows.map((row) => `${row}\n`).join(""));
  const above: LinesAbove = {
    print: (text) => write(terminal, hostRows(text, columnsOf(terminal))),
    printForeign: (rowsFor) => write(terminal, rowsFor(columnsOf(terminal))),
    note: (text) => write(io.stderr, hostRows(text, columnsOf(terminal))),
    preview: () => {},
    stop: () => {},
  };
  let isOver = false;
  const endIfSent = (): void => {
    if (isOver && !talk.isBusy() && speak.unsent() === 0) end({ exitCode: 0 });
  };
  const leave = (): void => {
    isOver = true;
    endIfSent();
  };
  const heard = { io, speak, above, draw: undrawn, help: help(["Enter sends. Each line is a message."]) };
  const talk = talking({ ...heard, isRead: endIfSent, leave }, attachedBefore);
  onLines(input, (text) => {
    if (!isOver) talk.read(text);
  });
  input.on("end", leave);
  return {
    done,
    close: () => {
      talk.stop();
      input.pause();
    },
    events: { ...talk.events, taken: endIfSent },
  };
};

type Talking = Pick<ChatClientOptions, "io"> & {
  readonly speak: Speak;
  readonly above: LinesAbove;
  /** The text of an agent, in marked rows. */
  readonly draw: Draw;
  /** The text of `/help`. */
  readonly help: string;
  /** Called for `/exit`. */
  readonly leave: () => void;
  /** Called when the waiting lines were read. */
  readonly isRead: () => void;
};

/** The part of a conversation that needs no line editor: typed lines are read, events are shown. */
const talking = ({ above, draw, help, leave, ...reading }: Talking, attachedBefore: readonly LocalFile[]) => {
  const { note } = above;
  const asked = questions();
  const working = workingNotes(note);
  const lines = lineReader({ ...reading, asked, note, said: working.said }, attachedBefore);
  return {
    isBusy: lines.isBusy,
    stop: working.stop,
    events: shownEvents(above, { asked, ...working, draw }),
    read: (text: string): void => {
      if (text.trim() === "/exit") leave();
      else if (text.trim() === "/help") note(help);
      else lines.read(text);
    },
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
  readonly draw: Draw;
};

const shownEvents = (
  { print, printForeign, note, preview }: LinesAbove,
  { asked, answered, waits: toldToWait, stop, draw }: Shown,
): Omit<ChatMode["events"], "taken"> => ({
  welcome: (welcome, isFirst) => (isFirst ? print(greeting(welcome)) : note("Connected again.")),
  lost: () => note("Host disconnected. Waiting for it to return..."),
  refused: ({ message }) => note(`error: ${message}`),
  past: (message) => {
    // A card that is still open follows in full.
    if (message.card?.isOpen !== true) printForeign((columns) => pastRows(message, columns, draw));
  },
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
    if (from === null && id.startsWith(orderedEnd)) return;
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

/** A person is told that the agent is working if there is no answer for this long, ms. */
const quietMs = 1_500;

const queued = "It waits until the agent has ended its work; /withdraw takes it back.";

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
  /** Called with the id of each message that was sent to the agent. */
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
    if (said !== null && !isOrder(text)) sent(said);
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
    speak.answer(option.answer);
    return notSent(null);
  }
  return { said: speak.say(text, files), refused: null };
};
