import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { ok } from "@gatehouse/std";
import { answerText } from "@nc/cli-scope/client";
import type { ReceivedInbound } from "@nc/session-db";
import { isPrompt, textOf } from "../loop/next-work.ts";
import { answersIn } from "../prompt/answers-in.ts";
import type { Answer, Prompt, Provider, TurnTools } from "../provider.ts";

/** Does what a message's text commands. */
type Command = (
  rest: string,
  tools: TurnTools,
  prompt: Prompt,
  message: ReceivedInbound,
) => Promise<Omit<Answer, "inReplyTo"> | readonly Omit<Answer, "inReplyTo">[]>;

/** The exit code of `/crash`. */
const crashCode = 70;

const commands: Readonly<Record<string, Command>> = {
  /** Runs a command of `ncl`, and answers with what came back. */
  "/ncl": async (rest, tools) => {
    const frame = await tools.ncl(wordsOf(rest));
    const view = { columns: null, isColoured: false };
    const { out, err } = await answerText(frame, { program: "ncl", isJson: false, view: () => view });
    return { text: `${out}${err}`.trimEnd() };
  },
  /** A turn that takes so many milliseconds. */
  "/slow": async (rest, tools) => {
    const ms = Number(rest);
    tools.setTool({ name: "slow", timeoutMs: ms });
    await pause(ms, undefined, { signal: tools.signal });
    tools.setTool(null);
    return { text: `/slow ${rest}` };
  },
  /** What a model would read in place of this. */
  "/prompt": (_rest, tools, prompt) => Promise.resolve({ text: tools.promptText(prompt) }),
  /** What is sent of the text that a model would answer. */
  "/say": (rest) => Promise.resolve(answersIn(rest)),
  /** The batch that the message came with, and its messages. */
  "/batch": (_rest, _tools, { batch, messages }) =>
    Promise.resolve({ text: [batch, ...messages.map(({ id }) => id)].join(" ") }),
  "/fail": (rest) => Promise.reject(new Error(rest)),
  "/crash": () => process.exit(crashCode),
  /** Sends the message's files back; with words behind it, to the destination of the first with the others as text. */
  "/files": (rest, tools, _prompt, message) => {
    const files = tools.attachmentsOf(message).map(({ path }) => path);
    const [to = "", ...words] = rest.split(" ");
    if (to === "")
      return Promise.resolve({ text: `${files.length} ${files.length === 1 ? "file" : "files"}`, files });
    return Promise.resolve({ to, text: words.join(" "), files });
  },
  /** Sends any file. */
  "/file": (rest) => Promise.resolve({ text: rest, files: [rest] }),
  /** Sends a text to a destination. */
  "/to": (rest) => {
    const [to = "", ...words] = rest.split(" ");
    return Promise.resolve({ to, text: words.join(" ") });
  },
};

/** Answers each message with its own text: for tests and for `gatehouse demo`. */
export const echo = (): Provider => ({
  name: "echo",
  start: () => Promise.resolve(ok(null)),
  turn: async ({ messages, notes, batch }, tools) => {
    const left = messages.filter(isPrompt);
    let isOver = false;
    tools.onFollowUp((more) => {
      if (!isOver) left.push(...more.filter(isPrompt));
      return !isOver;
    });
    const answers: Answer[] = [];
    for (let message = left.shift(); message !== undefined; message = left.shift()) {
      const answer = await answerTo(message, tools, { messages: [...messages], notes, batch });
      for (const one of [answer].flat()) answers.push({ ...one, inReplyTo: message.id });
    }
    isOver = true;
    return ok({ answers, conversation: null });
  },
});

const answerTo = (message: ReceivedInbound, tools: TurnTools, prompt: Prompt): ReturnType<Command> => {
  const text = textOf(message);
  const [word = "", rest = ""] = split(text);
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  return command === undefined ? Promise.resolve({ text }) : command(rest, tools, prompt, message);
};

const split = (text: string): readonly string[] => /^(\S+)\s*(.*)$/s.exec(text)?.slice(1) ?? [];

/** Words as a shell would give them, with double quotes around one that has spaces. */
const wordsOf = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
