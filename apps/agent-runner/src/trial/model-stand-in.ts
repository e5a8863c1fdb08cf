import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { parseJson } from "@gatehouse/std";
import { fieldsOf, type Fields } from "../fields.ts";
import { modelApiOf, readRequest, writeReply, type ModelReply, type ModelRequest } from "./model-apis.ts";
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
 * Serves a stand-in for the model, so that a real agent works through whole turns without a key. It answers `run COMMAND`
 * with a call of the agent's tool for commands, the result of a tool with `it ran`, and anything else with `you said: TEXT`.
 * `onAsked` sees each request before its answer; a request for which it returns false gets none.
 */
export const serveModelStandIn = (
  onAsked: (asked: AskedModel) => boolean | Promise<boolean> = () => true,
): Promise<ModelStandIn> =>
  serveModels(async (request, asked: AskedModel) => ((await onAsked(asked)) ? replyTo(request) : null));

/**
 * Serves the APIs of Anthropic, OpenAI and Google, below any path. A request gets the reply that the function returns,
 * and none for null.
 */
export const serveModels = async (
  replyOf: (request: ModelRequest, body: Fields) => Promise<ModelReply | null>,
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
  replyOf: (request: ModelRequest, body: Fields) => Promise<ModelReply | null>,
): Promise<void> => {
  const text = await textOf(request).catch(() => "");
  const url = request.url ?? "";
  const api = request.method === "POST" ? modelApiOf(url) : null;
  if (api === null) {
    response.writeHead(request.method === "HEAD" ? 200 : 404, { "content-type": "application/json" });
    return void response.end(request.method === "HEAD" ? "" : "{}");
  }
  const body = fieldsOf(parseJson(text));
  const reply = await replyOf(readRequest(api, url, body), body);
  if (reply !== null) writeReply(api, request, body, { response, reply });
};

const replyTo = ({ said, tools }: ModelRequest): ModelReply => {
  const words = said
    .map(({ type, text }) => ({ type, text: type === "text" ? promptIn(text) : text }))
    .filter(({ type, text }) => type === "result" || text !== "");
  if (words.at(-1)?.type === "result") return { type: "text", text: "it ran" };
  const prompt = words.findLast(({ type, text }) => type === "text" && text !== continued)?.text ?? "";
  const [, command] = /^run (.+)$/.exec(prompt) ?? [];
  const call = command === undefined ? null : shellCall(tools, command);
  return call ?? { type: "text", text: `you said: ${prompt}` };
};

/** Claude Code asks this by itself when it continues a turn that was cut (2.1.328). */
const continued = "Continue from where you left off.";

/** The last line of a prompt. Text in tags is of the CLI; the runner puts a message into tags. */
const promptIn = (text: string): string => {
  const inner =
    [...text.matchAll(/<(message|system) id=[^>]*>([^]*?)<\/\1>/g)].at(-1)?.[2] ??
    text.replaceAll(/<([\w-]+)>[^]*?<\/\1>/g, "");
  const plain = inner.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
  return plain.split("\n").at(-1)?.trim() ?? "";
};
