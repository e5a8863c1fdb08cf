import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { fieldsOf, listOf, ok, parseJson, textOf } from "@gatehouse/std";
import { answerText } from "@nc/cli-scope/client";
import type { ReceivedInbound, ToolQuestion } from "@gatehouse/session-rows/messages";
import { isPrompt, messageText } from "../loop/next-work.ts";
import { answersIn } from "../prompt/answers-in.ts";
import type { Answer, Prompt, Provider, TurnTools } from "../provider.ts";

/** Carries out the command in a message's text. */
type Command = (
  rest: string,
  tools: TurnTools,
  prompt: Prompt,
  message: ReceivedInbound,
) => Promise<Omit<Answer, "inReplyTo"> | readonly Omit<Answer, "inReplyTo">[]>;

/** The exit code of `/crash`. */
const crashCode = 70;

const commands: Readonly<Record<string, Command>> = {
  /** Runs a command of `ncl`, and answers with its output. */
  "/ncl": async (rest, tools) => {
    const frame = await tools.ncl(wordsOf(rest));
    const view = { columns: null, isColoured: false };
    const { out, err } = await answerText(frame, { program: "ncl", isJson: false, view: () => view });
    return { text: `${out}${err}`.trimEnd() };
  },
  /** A turn that takes this many milliseconds. */
  "/slow": async (rest, tools) => {
    const ms = Number(rest);
    tools.setTool({ name: "slow", timeoutMs: ms });
    await pause(ms, undefined, { signal: tools.signal });
    tools.setTool(null);
    return { text: `/slow ${rest}` };
  },
  /** `/tool NAME JSON`: asks whether this tool may be used, and answers with the decision. It uses none. */
  "/tool": async (rest, tools, _prompt, { id, tries }) => {
    const [tool = "", json = ""] = split(rest);
    const input = parseJson(json) ?? {};
    const request = { messageId: id, tool, input, occurrence: 0, mayHaveRun: tries > 0 };
    const decision = await tools.askTool(request);
    if (decision.behavior === "deny") return { text: `${tool} is denied: ${decision.message}` };
    return { text: decision.behavior === "allow" ? `${tool} is allowed` : `${tool} is answered` };
  },
  /** `/ask JSON`: asks a question in the form of `ToolQuestion`, and answers with the answers. */
  "/ask": async (rest, tools, _prompt, { id, tries }) => {
    const question = parseJson(rest) as ToolQuestion;
    const request = { messageId: id, tool: "Ask", input: question, occurrence: 0, mayHaveRun: tries > 0 };
    const decision = await tools.askTool({ ...request, question });
    if (decision.behavior === "deny") return { text: `not answered: ${decision.message}` };
    return { text: decision.behavior === "answer" ? decision.answers.join(" and ") : "the plan is approved" };
  },
  /** Answers with the prompt that a model would get. */
  "/prompt": (_rest, tools, prompt) => Promise.resolve({ text: tools.promptText(prompt) }),
  /** Answers as if a model had written this text. */
  "/say": (rest) => Promise.resolve(answersIn(rest)),
  /** Answers with the batch of the message, and the batch's messages. */
  "/batch": (_rest, _tools, { batch, messages }) =>
    Promise.resolve({ text: [batch, ...messages.map(({ id }) => id)].join(" ") }),
  "/fail": (rest) => Promise.reject(new Error(rest)),
  "/crash": () => process.exit(crashCode),
  /**
   * Sends the message's files back; if words follow, to the destination in the first word, with the other
   * words as text.
   */
  "/files": (rest, tools, _prompt, message) => {
    const files = tools.attachmentsOf(message).map(({ path }) => path);
    const [to = "", ...words] = rest.split(" ");
    if (to === "")
      return Promise.resolve({ text: `${files.length} ${files.length === 1 ? "file" : "files"}`, files });
    return Promise.resolve({ to, text: words.join(" "), files });
  },
  /** Sends any file. */
  "/file": (rest) => Promise.resolve({ text: rest, files: [rest] }),
  /** Sends a text at once, and answers with the tool's result. */
  "/send": async (rest, tools) => ({ text: (await tools.hostTools.sendMessage({ text: rest })).text }),
  /** Sends a text to a destination. */
  "/to": (rest) => {
    const [to = "", ...words] = rest.split(" ");
    return Promise.resolve({ to, text: words.join(" ") });
  },
};

/** Answers each message with the message's own text, for tests and for `gatehouse demo`. */
export const echo = (): Provider => ({
  name: "echo",
  start: () => Promise.resolve(ok(null)),
  stop: () => {},
  turn: async ({ messages, notes, batch }, tools) => {
    const answers: Answer[] = [];
    for (const message of messages.filter(isPrompt)) {
      const answer = await answerTo(message, tools, { messages, notes, batch });
      for (const one of [answer].flat()) answers.push({ ...one, inReplyTo: message.id });
    }
    return ok({ answers, conversation: null });
  },
});

const answerTo = (message: ReceivedInbound, tools: TurnTools, prompt: Prompt): ReturnType<Command> => {
  const text = messageText(message);
  const [word = "", rest = ""] = split(text);
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (command !== undefined) return command(rest, tools, prompt, message);
  const forwarded = listOf(fieldsOf(message.content)["quoted"]).filter(({ how }) => how === "forwarded");
  const lines = [text, ...forwarded.map((quoted) => textOf(quoted["text"]))];
  return Promise.resolve({ text: lines.filter((line) => line !== "").join("\n") });
};

const split = (text: string): readonly string[] => /^(\S+)\s*(.*)$/s.exec(text)?.slice(1) ?? [];

/** Splits a text into words as a shell does; double quotes may enclose a word with spaces. */
const wordsOf = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
