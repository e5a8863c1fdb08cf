import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { parseJson } from "@gatehouse/std";
import { fieldsOf, type Fields } from "../fields.ts";
import {
  modelApiOf,
  readRequest,
  writeReply,
  type ModelReply,
  type ModelRequest,
  type OfferedTool,
} from "./model-apis.ts";

/** A request for messages, as far as the stand-in reads it. */
export type AskedModel = {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly name: string }[];
};

/** A stand-in for the APIs of models on the loopback. */
export type ModelStandIn = {
  /** An address without a path. */
  readonly url: string;
  readonly close: () => Promise<void>;
};

/**
 * Serves a stand-in for the model, so that the real Claude Code works through whole turns without a key. It answers
 * `run COMMAND` with a call of Bash, the result of a tool with `it ran`, and anything else with `you said: TEXT`.
 * `onAsked` sees each request before its answer; a request for which it returns false gets none.
 */
export const serveModelStandIn = (
  onAsked: (asked: AskedModel) => boolean | Promise<boolean> = () => true,
): Promise<ModelStandIn> =>
  serveModels(async ({ tools }, asked: AskedModel) =>
    (await onAsked(asked)) ? replyTo(asked, tools) : null,
  );

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

const replyTo = ({ messages = [] }: AskedModel, tools: readonly OfferedTool[]): ModelReply => {
  const last = messages.at(-1)?.content;
  if (Array.isArray(last) && last.some((part) => (part as { type?: unknown }).type === "tool_result"))
    return { type: "text", text: "it ran" };
  const prompt = promptIn(messages);
  const [, command] = /^run (.+)$/.exec(prompt) ?? [];
  const tool = tools.find(({ name }) => name === "Bash");
  return command === undefined || tool === undefined
    ? { type: "text", text: `you said: ${prompt}` }
    : { type: "call", tool, input: { command, description: "Runs it" } };
};

/** Claude Code asks this by itself when it continues a turn that was cut (2.1.328). */
const continued = "Continue from where you left off.";

/** The last line of the last prompt. Text in tags is of the CLI; the runner puts a message into tags. */
const promptIn = (messages: NonNullable<AskedModel["messages"]>): string => {
  const said = messages
    .filter(({ role }) => role === "user")
    .flatMap(({ content }) => textsIn(content).map(saidIn))
    .filter((text) => text !== "" && text !== continued)
    .at(-1);
  return said?.split("\n").at(-1)?.trim() ?? "";
};

const textsIn = (content: unknown): readonly string[] => {
  if (typeof content === "string") return [content];
  return (Array.isArray(content) ? (content as readonly unknown[]) : []).flatMap((part) => {
    const { type, text } = (part ?? {}) as { readonly type?: unknown; readonly text?: unknown };
    return type === "text" && typeof text === "string" ? [text] : [];
  });
};

const saidIn = (text: string): string => {
  const inner =
    [...text.matchAll(/<(message|system) id=[^>]*>([^]*?)<\/\1>/g)].at(-1)?.[2] ??
    text.replaceAll(/<([\w-]+)>[^]*?<\/\1>/g, "");
  return inner.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
};
