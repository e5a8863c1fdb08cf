import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fieldsOf, listOf, textOf, type Fields } from "@gatehouse/std";

/** The vendors whose APIs a stand-in speaks. */
export type ApiName = "anthropic" | "openai" | "google";

/** A text of the user, or the result of a tool, which may be an error. */
export type Said = { readonly type: "text" | "result"; readonly text: string; readonly isError?: true };

/** A tool that the model may call. */
export type OfferedTool = {
  /** Its type, if it has no name. */
  readonly name: string;
  readonly group: string | null;
  /** `custom` takes a text, and `tool_search` finds other tools: both are of OpenAI's Responses. */
  readonly type: "function" | "custom" | "tool_search";
  readonly schema: Fields;
};

/** A request for an answer, as far as a stand-in reads it. */
export type ModelRequest = {
  readonly api: ApiName;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Fields;
  /** What the model is told by others, in its order. */
  readonly said: readonly Said[];
  readonly tools: readonly OfferedTool[];
};

/**
 * The answer of a model: a text, a call of an offered tool, an error with its HTTP status, or the beginning of an answer
 * whose connection breaks. `lateMs`: how late a stream goes on once it began. `mayRetry`: what the error says of another try.
 */
export type ModelReply =
  | { readonly type: "text"; readonly text: string; readonly lateMs?: number }
  | {
      readonly type: "call";
      readonly tool: OfferedTool;
      readonly input: Fields | string;
      readonly lateMs?: number;
    }
  | { readonly type: "error"; readonly status: number; readonly message: string; readonly mayRetry?: boolean }
  | { readonly type: "cut" };

type Answered = Extract<ModelReply, { readonly type: "text" | "call" }>;

/** How a stand-in reads the requests of one API, and writes its answers. */
type ModelApi = {
  readonly api: ApiName;
  readonly path: RegExp;
  readonly said: (body: Fields) => readonly Said[];
  readonly tools: (body: Fields) => readonly OfferedTool[];
  /** The answer as one document. */
  readonly whole: (reply: Answered, body: Fields) => object;
  /** The same as server-sent events: how it begins, and the rest. Each has its name if the API has names. */
  readonly events: (
    reply: Answered,
    body: Fields,
  ) => readonly [beginning: readonly Event[], rest: readonly Event[]];
  readonly isStreamed: (body: Fields, path: string) => boolean;
  readonly error: (status: number, message: string) => object;
};

type Event = { readonly name: string | null; readonly data: object | string };

/** The API of a request; null for a path that no stand-in has. */
export const modelApiOf = (url: string): ModelApi | null =>
  apis.find(({ path }) => path.test(url.split("?")[0] ?? "")) ?? null;

/** Reads a request of an API. */
export const readRequest = (
  api: ModelApi,
  { url, headers, body }: Pick<ModelRequest, "headers" | "body"> & { readonly url: string },
): ModelRequest => ({
  api: api.api,
  path: url.split("?")[0] ?? "",
  headers,
  body,
  said: api.said(body),
  tools: api.tools(body),
});

/** Writes an answer, as the request asked for it. */
export const writeReply = async (
  api: ModelApi,
  { path, body }: ModelRequest,
  { response, reply }: { readonly response: ServerResponse; readonly reply: ModelReply },
): Promise<void> => {
  if (reply.type === "error") {
    const { status, message, mayRetry } = reply;
    const retry = mayRetry === undefined ? {} : { "x-should-retry": String(mayRetry) };
    response.writeHead(status, { ...json, ...retry });
    return void response.end(JSON.stringify(api.error(status, message)));
  }
  const answered = reply.type === "cut" ? ({ type: "text", text: "" } as const) : reply;
  const [beginning, rest] = api.events(answered, body);
  const isStreamed = api.isStreamed(body, path);
  response.writeHead(200, isStreamed ? { "content-type": "text/event-stream" } : json);
  if (isStreamed) response.write(beginning.map(eventText).join(""));
  if (reply.type === "cut") return void response.write(" ", () => response.destroy());
  if (reply.lateMs !== undefined && reply.lateMs > 0) await pause(reply.lateMs, undefined, { ref: false });
  response.end(isStreamed ? rest.map(eventText).join("") : JSON.stringify(api.whole(reply, body)));
};

const json = { "content-type": "application/json" };

const eventText = ({ name, data }: Event): string =>
  `${name === null ? "" : `event: ${name}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

const named = (data: { readonly type: string }): Event => ({ name: data.type, data });
const unnamed = (data: object | string): Event => ({ name: null, data });

/** The texts in a content: a text, or a list of parts. */
const textsIn = (content: unknown): readonly string[] =>
  typeof content === "string" ? [content] : listOf(content).map(({ text }) => textOf(text));

const saidIn = (content: unknown): readonly Said[] =>
  textsIn(content).map((text) => ({ type: "text", text }));

/** The whole content of a tool's result as one text. */
const result = (content: unknown): Said => ({
  type: "result",
  text: typeof content === "string" ? content : JSON.stringify(content ?? ""),
});

const tool = (name: unknown, schema: unknown): OfferedTool => ({
  name: textOf(name),
  group: null,
  type: "function",
  schema: fieldsOf(schema),
});

const usage = { input_tokens: 1, output_tokens: 1 };

/** Anthropic's Messages. */
const messages: ModelApi = {
  api: "anthropic",
  path: /\/messages$/,
  said: (body) =>
    listOf(body["messages"]).flatMap(({ role, content }) => {
      if (role !== "user") return [];
      if (typeof content === "string") return saidIn(content);
      return listOf(content).map((part): Said =>
        part["type"] === "tool_result"
          ? { ...result(part["content"]), ...(part["is_error"] === true ? { isError: true } : {}) }
          : { type: "text", text: textOf(part["text"]) },
      );
    }),
  tools: (body) => listOf(body["tools"]).map(({ name, input_schema: schema }) => tool(name, schema)),
  isStreamed: ({ stream }) => stream === true,
  whole: (reply, body) => {
    const block = blockOf(reply);
    return { ...messageOf(body), content: [block], stop_reason: stopOf(reply) };
  },
  events: (reply, body) => {
    const block = blockOf(reply);
    const [empty, delta] =
      reply.type === "text"
        ? [
            { type: "text", text: "" },
            { type: "text_delta", text: reply.text },
          ]
        : [
            { ...block, input: {} },
            { type: "input_json_delta", partial_json: JSON.stringify(reply.input) },
          ];
    const stop = { stop_reason: stopOf(reply), stop_sequence: null };
    return [
      [
        { type: "message_start", message: messageOf(body) },
        { type: "content_block_start", index: 0, content_block: empty },
      ].map(named),
      [
        { type: "content_block_delta", index: 0, delta },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: stop, usage: { output_tokens: 1 } },
        { type: "message_stop" },
      ].map(named),
    ];
  },
  error: (_, message) => ({ type: "error", error: { type: "billing_error", message } }),
};

const blockOf = (reply: Answered): object =>
  reply.type === "text"
    ? { type: "text", text: reply.text }
    : { type: "tool_use", id: `toolu_${randomUUID()}`, name: reply.tool.name, input: reply.input };

const stopOf = ({ type }: Answered): string => (type === "text" ? "end_turn" : "tool_use");

const messageOf = ({ model }: Fields) => ({
  // Claude Code joins messages of one id.
  id: `msg_${randomUUID()}`,
  type: "message",
  role: "assistant",
  model: textOf(model),
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage,
});

/** OpenAI's Responses. */
const responses: ModelApi = {
  api: "openai",
  path: /\/responses$/,
  said: ({ input }) =>
    typeof input === "string"
      ? saidIn(input)
      : listOf(input).flatMap(({ type, role, content, output }) => {
          if (/_call_output$/.test(textOf(type))) return [result(output)];
          return role === "user" ? saidIn(content) : [];
        }),
  // Newer models have tools among the input.
  tools: ({ tools, input }) =>
    [...listOf(tools), ...listOf(input).flatMap((item) => listOf(item["tools"]))].flatMap((each) =>
      each["type"] === "namespace"
        ? listOf(each["tools"]).map((own) => responsesTool(own, textOf(each["name"])))
        : [responsesTool(each, null)],
    ),
  isStreamed: ({ stream }) => stream === true,
  whole: (reply, body) => responseOf(body, "completed", [itemOf(reply)]),
  events: (reply, body) => {
    const item = itemOf(reply);
    const { id } = item;
    const text =
      reply.type === "text"
        ? [
            {
              type: "response.output_text.delta",
              output_index: 0,
              item_id: id,
              content_index: 0,
              delta: reply.text,
            },
          ]
        : [];
    const empty = reply.type === "text" ? { content: [] } : "arguments" in item ? { arguments: "" } : {};
    return [
      [
        { type: "response.created", response: responseOf(body, "in_progress", []) },
        { type: "response.output_item.added", output_index: 0, item: { ...item, ...empty } },
      ].map(named),
      [
        ...text,
        { type: "response.output_item.done", output_index: 0, item },
        { type: "response.completed", response: responseOf(body, "completed", [item]) },
      ].map(named),
    ];
  },
  error: (_, message) => ({ error: { type: "insufficient_quota", code: "insufficient_quota", message } }),
};

const responsesTool = ({ name, type, parameters }: Fields, group: string | null): OfferedTool => ({
  ...tool(name ?? type, parameters),
  group,
  type: type === "custom" || type === "tool_search" ? type : "function",
});

const itemOf = (reply: Answered) => {
  if (reply.type === "text")
    return {
      id: `msg_${randomUUID()}`,
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: reply.text, annotations: [] }],
    };
  const { tool: called, input } = reply;
  const shared = { id: `fc_${randomUUID()}`, status: "completed", call_id: `call_${randomUUID()}` };
  if (called.type === "tool_search")
    return { ...shared, type: "tool_search_call", execution: "client", arguments: input };
  return {
    ...shared,
    name: called.name,
    ...(called.type === "custom"
      ? { type: "custom_tool_call", input }
      : { type: "function_call", arguments: JSON.stringify(input) }),
    ...(called.group === null ? {} : { namespace: called.group }),
  };
};

const responseOf = ({ model }: Fields, status: string, output: readonly object[]) => ({
  id: `resp_${randomUUID()}`,
  object: "response",
  created_at: 0,
  model: textOf(model),
  status,
  output,
  ...(status === "completed" ? { usage: { ...usage, total_tokens: 2 } } : {}),
});

/** OpenAI's Chat Completions. */
const completions: ModelApi = {
  api: "openai",
  path: /\/chat\/completions$/,
  said: (body) =>
    listOf(body["messages"]).flatMap(({ role, content }) => {
      if (role === "tool") return [result(content)];
      return role === "user" ? saidIn(content) : [];
    }),
  tools: (body) =>
    listOf(body["tools"]).map(({ function: own }) =>
      tool(fieldsOf(own)["name"], fieldsOf(own)["parameters"]),
    ),
  isStreamed: ({ stream }) => stream === true,
  whole: (reply, body) => completionOf(body, "message", reply),
  events: (reply, body) => [
    [],
    [
      unnamed(completionOf(body, "delta", reply)),
      unnamed({ ...completionOf(body, "delta", null), usage: tokens }),
      unnamed("[DONE]"),
    ],
  ],
  error: (_, message) => ({ error: { type: "insufficient_quota", code: "insufficient_quota", message } }),
};

const tokens = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

/** A whole answer, or a piece of a stream. Without a reply, the piece that ends it is empty. */
const completionOf = ({ model }: Fields, field: "message" | "delta", reply: Answered | null): object => {
  const finish = reply?.type === "call" ? "tool_calls" : "stop";
  const said =
    reply === null
      ? {}
      : reply.type === "text"
        ? { role: "assistant", content: reply.text }
        : {
            role: "assistant",
            content: null,
            tool_calls: [
              {
                index: 0,
                id: `call_${randomUUID()}`,
                type: "function",
                function: { name: reply.tool.name, arguments: JSON.stringify(reply.input) },
              },
            ],
          };
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: field === "message" ? "chat.completion" : "chat.completion.chunk",
    created: 0,
    model: textOf(model),
    choices: reply === null ? [] : [{ index: 0, [field]: said, finish_reason: finish }],
    ...(field === "message" ? { usage: tokens } : {}),
  };
};

/** Google's Gemini API. */
const contents: ModelApi = {
  api: "google",
  path: /:(generateContent|streamGenerateContent)$/,
  said: (body) =>
    listOf(body["contents"]).flatMap(({ role, parts }) =>
      role === "model"
        ? []
        : listOf(parts).map(({ text, functionResponse: response }): Said =>
            response === undefined
              ? { type: "text", text: textOf(text) }
              : result(fieldsOf(response)["response"]),
          ),
    ),
  tools: (body) =>
    listOf(body["tools"])
      .flatMap(({ functionDeclarations }) => listOf(functionDeclarations))
      .map(({ name, parameters, parametersJsonSchema }) => tool(name, parametersJsonSchema ?? parameters)),
  isStreamed: (_, path) => path.endsWith(":streamGenerateContent"),
  whole: (reply) => ({
    candidates: [
      {
        index: 0,
        finishReason: "STOP",
        content: {
          role: "model",
          parts: [
            reply.type === "text"
              ? { text: reply.text }
              : { functionCall: { name: reply.tool.name, args: reply.input } },
          ],
        },
      },
    ],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  }),
  events: (reply, body) => [[], [unnamed(contents.whole(reply, body))]],
  error: (status, message) => ({ error: { code: status, message, status: "FAILED_PRECONDITION" } }),
};

const apis: readonly ModelApi[] = [messages, responses, completions, contents];
