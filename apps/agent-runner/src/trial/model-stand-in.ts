import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { parseJson } from "@gatehouse/std";

/** A request for messages, as far as the stand-in reads it. */
export type AskedModel = {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly name: string }[];
};

/** A stand-in for Anthropic's API on the loopback. */
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
export const serveModelStandIn = async (
  onAsked: (asked: AskedModel) => boolean | Promise<boolean> = () => true,
): Promise<ModelStandIn> => {
  const server = createServer((request, response) => void answer(request, response, onAsked));
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
  onAsked: (asked: AskedModel) => boolean | Promise<boolean>,
): Promise<void> => {
  const body = await textOf(request).catch(() => "");
  const isMessages = request.method === "POST" && request.url?.split("?")[0] === "/v1/messages";
  if (!isMessages) {
    response.writeHead(request.method === "HEAD" ? 200 : 404, { "content-type": "application/json" });
    return void response.end(request.method === "HEAD" ? "" : "{}");
  }
  const asked = (parseJson(body) ?? {}) as AskedModel;
  if (!(await onAsked(asked))) return;
  const block = blockFor(asked);
  if (asked.stream === true) return streamed(response, block, asked);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...messageOf(asked), content: [block], stop_reason: stopOf(block) }));
};

type Block =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly input: Readonly<Record<string, string>>;
    };

const blockFor = ({ messages = [], tools = [] }: AskedModel): Block => {
  const last = messages.at(-1)?.content;
  if (Array.isArray(last) && last.some((part) => (part as { type?: unknown }).type === "tool_result"))
    return { type: "text", text: "it ran" };
  const prompt = promptIn(messages);
  const [, command] = /^run (.+)$/.exec(prompt) ?? [];
  if (command === undefined || !tools.some(({ name }) => name === "Bash"))
    return { type: "text", text: `you said: ${prompt}` };
  const input = { command, description: "Runs it" };
  return { type: "tool_use", id: `toolu_${randomUUID()}`, name: "Bash", input };
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

const stopOf = ({ type }: Block): string => (type === "text" ? "end_turn" : "tool_use");

const messageOf = ({ model = "" }: AskedModel) => ({
  // Claude Code joins messages of one id.
  id: `msg_${randomUUID()}`,
  type: "message",
  role: "assistant",
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
});

const streamed = (response: ServerResponse, block: Block, asked: AskedModel): void => {
  const [empty, delta] =
    block.type === "text"
      ? [
          { ...block, text: "" },
          { type: "text_delta", text: block.text },
        ]
      : [
          { ...block, input: {} },
          { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
        ];
  const stop = { stop_reason: stopOf(block), stop_sequence: null };
  const events = [
    { type: "message_start", message: messageOf(asked) },
    { type: "content_block_start", index: 0, content_block: empty },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: stop, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
};
