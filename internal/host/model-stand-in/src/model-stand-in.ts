import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { fieldsOf, parseJson } from "@gatehouse/std";
import {
  modelApiOf,
  readRequest,
  writeReply,
  type ModelReply,
  type ModelRequest,
  type Said,
} from "./model-apis.ts";
import { shellCall } from "./shell-tool.ts";

/** A request for messages, as far as the stand-in reads it. */
export type AskedModel = {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly name: string; readonly input_schema?: unknown }[];
};

/** A stand-in for the APIs of models on the loopback. */
export type ModelStandIn = {
  /** An address without a path. */
  readonly url: string;
  readonly close: () => Promise<void>;
};

/**
 * Serves a stand-in for the model, so that a real agent works through whole turns without a key. It answers
 * `run COMMAND` with a call of the agent's tool for commands, the result of a tool with `it ran`, and anything else with `you said: TEXT`.
 * `onAsked` sees each request before its answer; a request for which it returns false gets none.
 */
export const serveModelStandIn = (
  onAsked: (asked: AskedModel) => boolean | Promise<boolean> = () => true,
): Promise<ModelStandIn> =>
  serveModels(async (request) => ((await onAsked(request.body)) ? replyTo(request) : null));

/**
 * Serves the APIs of Anthropic, OpenAI and Google, below any path. A request gets the reply that the function returns,
 * and none for null.
 */
export const serveModels = async (
  replyOf: (request: ModelRequest) => Promise<ModelReply | null>,
): Promise<ModelStandIn> => {
  const server = createServer((request, response) => void answer(request, response, replyOf));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  replyOf: (request: ModelRequest) => Promise<ModelReply | null>,
): Promise<void> => {
  const text = await textOf(request).catch(() => null);
  // Its client was stopped.
  if (text === null) return;
  const { url = "", headers } = request;
  const api = request.method === "POST" ? modelApiOf(url) : null;
  if (api === null) {
    response.writeHead(request.method === "HEAD" ? 200 : 404, { "content-type": "application/json" });
    return void response.end(request.method === "HEAD" ? "" : "{}");
  }
  const asked = readRequest(api, { url, headers, body: fieldsOf(parseJson(text)) });
  const reply = await replyOf(asked);
  if (reply !== null) await writeReply(api, asked, { response, reply });
};

const replyTo = ({ said, tools }: ModelRequest): ModelReply => {
  const { prompt, ran } = turnIn(said);
  const [, command] = /^run (.+)$/.exec(prompt) ?? [];
  const call = ran > 0 || command === undefined ? null : shellCall(tools, command);
  return call ?? { type: "text", text: textAfter(prompt, ran) };
};

/** What a model of ours says if it calls no tool. `ran`: the tools of this turn so far. */
export const textAfter = (prompt: string, ran: number): string =>
  ran > 0 ? "it ran" : `you said: ${prompt}`;

/** Claude Code asks this by itself when it continues a turn that was cut: as a message, or a part of one (2.1.328). */
const continued = /\s*Continue from where you left off\.\s*$/;

/**
 * The turn that a conversation is in: the last line of its last prompt, and how many tools ran since. A tool in which
 * Claude Code was killed has an error as its result, and does not count once the turn is continued.
 */
export const turnIn = (said: readonly Said[]): { readonly prompt: string; readonly ran: number } => {
  const texts = said.map(({ type, text }) => (type === "text" ? saidIn(text.replace(continued, "")) : ""));
  const at = texts.findLastIndex((text) => text !== "");
  const continuedAt = said.findLastIndex(({ type, text }) => type === "text" && continued.test(text));
  const ran = said.filter(
    ({ type, isError }, index) => type === "result" && index > at && (!isError || index > continuedAt),
  );
  return { prompt: texts[at]?.split("\n").at(-1)?.trim() ?? "", ran: ran.length };
};

/** A text without what the CLI puts into tags. The runner puts a message into tags, and a note of the host. */
const saidIn = (text: string): string => {
  const [message, note] = ["message", "system"].map(
    (name) => [...text.matchAll(new RegExp(`<${name} id=[^>]*>([^]*?)</${name}>`, "g"))].at(-1)?.[1],
  );
  const own = text.replaceAll(/<(?:([\w-]+)>[^]*?<\/\1|context [^]*?<\/context)>/g, "");
  return Object.entries(written)
    .reduce((read, [name, character]) => read.replaceAll(name, character), message ?? note ?? own)
    .trim();
};

/** Characters that the runner writes by name. The last one is in the names of the others. */
const written = { "&quot;": '"', "&lt;": "<", "&gt;": ">", "&amp;": "&" };
