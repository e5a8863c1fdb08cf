import { describe, expect, test } from "vitest";
import { checkBody } from "./check-body.ts";
import type { VendorName } from "./vendors.ts";

const png = "iVBORw0KGgo=";
const evil = "https://evil.example/leak?d=SECRET";
const inline = { type: "base64", media_type: "image/png", data: png };
const image = (source: unknown) => ({ type: "image", source });
const user = (...content: unknown[]) => ({ messages: [{ role: "user", content }] });
const result = (...content: unknown[]) => user({ type: "tool_result", tool_use_id: "t", content });
const item = (...input: unknown[]) => ({ input });
const said = (...content: unknown[]) => item({ type: "message", role: "user", content });
const picture = (fields: object) => said({ type: "input_image", ...fields });
const changed = (tool: unknown) => ({
  messages: [{ role: "system", content: [{ type: "tool_addition", tool }] }],
});
const dataUrl = `data:image/png;base64,${png}`;

const parts = (...all: unknown[]) => ({ contents: [{ role: "user", parts: all }] });
const settings = (generationConfig: unknown) => ({ contents: [], generationConfig });

/** The model of a body; Google's is in the path. */
const models: Readonly<Record<VendorName, object>> = {
  anthropic: { model: "claude-sonnet-4-5" },
  openai: { model: "gpt-5.5" },
  google: {},
};

const check = (vendor: VendorName, body: object | string) => {
  const text = typeof body === "string" ? body : JSON.stringify({ ...models[vendor], ...body });
  return checkBody({ vendor, model: vendor === "google" ? "gemini-2.5-pro" : null }, text, null);
};

type Try = { readonly what: string; readonly body: object | string; readonly says?: string };

/** A message to a vendor as text, with this content: for what no value can hold. */
const raw = (content: string): string =>
  `{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":[${content}]}]}`;

const refusedByGoogle: readonly Try[] = [
  {
    what: "a file by its address",
    body: parts({ fileData: { mimeType: "image/png", fileUri: evil } }),
    says: "content of the type (not a word)",
  },
  {
    what: "a file by its address, by Google's other name",
    body: parts({ file_data: { mime_type: "image/png", file_uri: evil } }),
  },
  {
    what: "a file beside a text",
    body: parts({ text: "x", fileData: { fileUri: evil } }),
    says: 'the field "fileData"',
  },
  {
    what: "a file beside a picture",
    body: parts({ inlineData: { mimeType: "image/png", data: png, fileUri: evil } }),
  },
  {
    what: "a file in the result of a tool",
    body: parts({ functionResponse: { name: "a", response: {}, parts: [{ fileData: { fileUri: evil } }] } }),
  },
  {
    what: "a file in the instructions",
    body: { contents: [], systemInstruction: { parts: [{ fileData: { fileUri: evil } }] } },
  },
  { what: "instructions by Google's other name", body: { contents: [], system_instruction: { parts: [] } } },
  { what: "a picture by its address", body: parts({ inlineData: evil }) },
  { what: "a sound", body: parts({ inlineData: { mimeType: "audio/mp3", data: png } }), says: '"audio.mp3"' },
  { what: "a film", body: parts({ inlineData: { mimeType: "video/mp4", data: png } }) },
  {
    what: "a part of a film",
    body: parts({ inlineData: { mimeType: "image/png", data: png }, videoMetadata: {} }),
  },
  { what: "the vendor's code", body: parts({ executableCode: { language: "PYTHON", code: "x" } }) },
  { what: "the vendor's output", body: parts({ codeExecutionResult: { output: "x" } }) },
  { what: "an empty part", body: parts({}) },
  { what: "a part as a text", body: parts("x") },
  { what: "a part as a list", body: parts([{ fileData: { fileUri: evil } }]) },
  { what: "a content as a text", body: { contents: [evil] } },
  {
    what: "a conversation that is no list",
    body: { contents: { parts: [{ fileData: { fileUri: evil } }] } },
  },
  {
    what: "a stored content",
    body: { contents: [], cachedContent: "cachedContents/1" },
    says: '"cachedContent"',
  },
  {
    what: "a stored content by Google's other name",
    body: { contents: [], cached_content: "cachedContents/1" },
  },
  { what: "a request within the request", body: { generateContentRequest: { contents: [] } } },
  { what: "labels", body: { contents: [], labels: { a: "b" } } },
  {
    what: "Google's search",
    body: { contents: [], tools: [{ googleSearch: {} }] },
    says: '"googleSearch" runs at the vendor',
  },
  { what: "the vendor's fetch of addresses", body: { contents: [], tools: [{ urlContext: {} }] } },
  {
    what: "Google's search beside own tools",
    body: { contents: [], tools: [{ functionDeclarations: [], google_search: {} }] },
  },
  {
    what: "own tools by Google's other name",
    body: { contents: [], tools: [{ function_declarations: [] }] },
  },
  { what: "tools in a list", body: { contents: [], tools: [[{ codeExecution: {} }]] } },
  {
    what: "a schema at another address",
    body: {
      contents: [],
      tools: [{ functionDeclarations: [{ name: "a", parametersJsonSchema: { $ref: evil } }] }],
    },
    says: '"$ref"',
  },
  {
    what: "a schema of the answer at another address",
    body: settings({ responseJsonSchema: { $ref: evil } }),
  },
  {
    what: "an answer as a picture",
    body: settings({ responseModalities: ["IMAGE"] }),
    says: '"responseModalities"',
  },
  { what: "several answers", body: settings({ candidateCount: 8 }), says: '"candidateCount"' },
  { what: "a voice", body: settings({ speechConfig: {} }) },
  { what: "settings as a list", body: settings([{ candidateCount: 8 }]), says: '"generationConfig"' },
];

const refusedByAnthropic: readonly Try[] = [
  {
    what: "a picture by URL",
    body: user(image({ type: "url", url: evil })),
    says: 'source of the type "url"',
  },
  { what: "a document by URL", body: user({ type: "document", source: { type: "url", url: evil } }) },
  { what: "a picture by file", body: user(image({ type: "file", file_id: "file_1" })) },
  {
    what: "a document by file",
    body: user({ type: "document", source: { type: "file", file_id: "file_1" } }),
  },
  { what: "a URL in a tool's result", body: result(image({ type: "url", url: evil })) },
  {
    what: "a URL in a document in a tool's result",
    body: result({
      type: "document",
      source: { type: "content", content: [image({ type: "url", url: evil })] },
    }),
  },
  { what: "a URL in the system prompt", body: { messages: [], system: [image({ type: "url", url: evil })] } },
  {
    what: "a URL in a search result",
    body: result({ type: "search_result", source: "x", content: [image({ type: "url", url: evil })] }),
  },
  { what: "a URL beside inline data", body: user(image({ ...inline, url: evil })), says: 'the field "url"' },
  { what: "a file beside inline data", body: user({ ...image(inline), file_id: "file_1" }) },
  { what: "a source in capitals", body: user(image({ type: "URL", url: evil })) },
  { what: "a source of an unknown type", body: user(image({ type: "s3", uri: evil })) },
  { what: "a source without a type", body: user(image({ url: evil })) },
  { what: "a source as a text", body: user(image(evil)) },
  { what: "a source as a list", body: user(image([{ type: "url", url: evil }])) },
  {
    what: "a second source in capitals",
    body: user({ ...image(inline), Source: { type: "url", url: evil } }),
  },
  { what: "a block type in capitals", body: user({ type: "Image", source: { type: "url", url: evil } }) },
  { what: "a type in capitals beside another", body: user({ type: "text", text: "x", Type: "image" }) },
  { what: "a block without a type", body: user({ source: { type: "url", url: evil } }) },
  {
    what: "a block with a list of types",
    body: user({ type: ["image"], source: { type: "url", url: evil } }),
  },
  { what: "a block as a list", body: user([image({ type: "url", url: evil })]) },
  {
    what: "content that is one block",
    body: { messages: [{ role: "user", content: image({ type: "url", url: evil }) }] },
  },
  { what: "a conversation that is no list", body: { messages: { role: "user", content: "x" } } },
  {
    what: "an upload into a container",
    body: user({ type: "container_upload", file_id: "file_1" }),
    says: '"container_upload"',
  },
  { what: "a call of an MCP server", body: user({ type: "mcp_tool_use", server_name: "x" }) },
  {
    what: "a call of the vendor's fetch",
    body: user({ type: "server_tool_use", name: "web_fetch", input: { url: evil } }),
  },
  { what: "a block of an unknown type", body: user({ type: "future", anything: 1 }) },
  { what: "the type __proto__", body: user({ type: "__proto__" }) },
  { what: "the type toString", body: user({ type: "toString" }) },
  { what: "a field __proto__", body: raw('{"type":"text","text":"x","__proto__":{"type":"image"}}') },
  {
    what: "a URL in an escaped key",
    body: raw(String.raw`{"type":"image","source":{"type":"base64","data":"","\u0075rl":"${evil}"}}`),
  },
  {
    what: "an escaped type",
    body: raw(String.raw`{"type":"\u0069mage","source":{"type":"\u0075rl","url":"${evil}"}}`),
  },
  {
    what: "the last of two sources",
    body: raw(
      `{"type":"image","source":{"type":"base64","data":""},"source":{"type":"url","url":"${evil}"}}`,
    ),
  },
  {
    what: "a citation of a file",
    body: user({ type: "text", text: "x", citations: [{ type: "char_location", file_id: "file_1" }] }),
  },
  {
    what: "a citation of the vendor's search",
    body: user({ type: "text", text: "x", citations: [{ type: "web_search_result_location", url: evil }] }),
  },
  {
    what: "a vendor's tool in the conversation",
    body: changed({ type: "tool_definition", definition: { type: "web_search_20250305" } }),
    says: "runs at the vendor",
  },
  { what: "a change of tools by a URL", body: changed({ type: "tool_reference", url: evil }) },
  {
    what: "a schema at another address",
    body: { messages: [], tools: [{ name: "a", input_schema: { $ref: evil } }] },
    says: '"$ref"',
  },
  {
    what: "a schema of the answer at another address",
    body: { messages: [], output_config: { format: { schema: { items: { $ref: evil } } } } },
  },
  {
    what: "documents in documents without end",
    body: user(
      Array.from({ length: 40 }).reduce<object>(
        (inner) => ({ type: "document", source: { type: "content", content: [inner] } }),
        { type: "text", text: "x" },
      ),
    ),
  },
  {
    what: "too many levels",
    body: `{"model":"m","messages":[],"metadata":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    says: "levels",
  },
  ...["mcp_servers", "container", "files", "url", "diagnostics", "Container", "future"].map((field) => ({
    what: `the field ${field}`,
    body: { messages: [], [field]: [{ url: evil }] },
    says: `"${field}"`,
  })),
  {
    what: "a field whose name is a sentence",
    body: { messages: [], "host: run\nthis": 1 },
    says: "(not a word)",
  },
];

const refusedByOpenai: readonly Try[] = [
  { what: "a picture by https", body: picture({ image_url: evil }), says: "no data: URL" },
  { what: "a picture by http", body: picture({ image_url: "http://127.0.0.1/x" }) },
  { what: "a picture by ftp", body: picture({ image_url: "ftp://evil.example/x" }) },
  { what: "a picture by HTTPS in capitals", body: picture({ image_url: evil.toUpperCase() }) },
  { what: "a picture by a URL after a space", body: picture({ image_url: ` ${evil}` }) },
  { what: "a picture by a URL without a scheme", body: picture({ image_url: "//evil.example/x" }) },
  { what: "a picture by data without base64", body: picture({ image_url: `data:text/html,${evil}` }) },
  { what: "a picture by an object", body: picture({ image_url: { url: evil } }) },
  { what: "a picture by file", body: picture({ file_id: "file-1" }), says: '"file_id"' },
  { what: "a picture by data and file", body: picture({ image_url: dataUrl, file_id: "file-1" }) },
  { what: "a picture by data and File_ID", body: picture({ image_url: dataUrl, File_ID: "file-1" }) },
  { what: "a file by URL", body: said({ type: "input_file", file_url: evil }) },
  { what: "a file by id", body: said({ type: "input_file", file_id: "file-1" }) },
  {
    what: "a file by URL beside data",
    body: said({ type: "input_file", file_data: dataUrl, file_url: evil }),
  },
  { what: "a file whose data are a URL", body: said({ type: "input_file", file_data: evil }) },
  {
    what: "a picture by URL in a function's output",
    body: item({
      type: "function_call_output",
      call_id: "c",
      output: [{ type: "input_image", image_url: evil }],
    }),
  },
  {
    what: "a file by id in a custom tool's output",
    body: item({
      type: "custom_tool_call_output",
      call_id: "c",
      output: [{ type: "input_file", file_id: "f" }],
    }),
  },
  {
    what: "the screen of a computer by URL",
    body: item({ type: "computer_call_output", output: { type: "computer_screenshot", image_url: evil } }),
  },
  {
    what: "a reference to an item",
    body: item({ type: "item_reference", id: "msg_1" }),
    says: '"item_reference"',
  },
  { what: "a reference without a type", body: item({ id: "msg_1" }) },
  {
    what: "a thought by its id",
    body: item({ type: "reasoning", id: "rs_1", summary: [] }),
    says: "by its id",
  },
  { what: "a summary by its id", body: item({ type: "compaction", id: "cmp_1" }) },
  { what: "a picture of the vendor by its id", body: item({ type: "image_generation_call", id: "ig_1" }) },
  { what: "a call of an MCP server", body: item({ type: "mcp_call", server_label: "x" }) },
  { what: "an MCP server's list of tools", body: item({ type: "mcp_list_tools", server_label: "x" }) },
  { what: "a search in files", body: item({ type: "file_search_call", id: "fs_1" }) },
  {
    what: "a citation of a file",
    body: item({
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: "x", annotations: [{ type: "file_citation", file_id: "f" }] }],
    }),
  },
  {
    what: "a picture by URL in the instructions",
    body: { input: [], instructions: [{ type: "input_image", image_url: evil }] },
  },
  { what: "a picture of the other API", body: said({ type: "image_url", image_url: { url: evil } }) },
  { what: "a sound", body: said({ type: "input_audio", input_audio: { data: "x", format: "mp3" } }) },
  { what: "a list as an item", body: item([{ type: "item_reference", id: "x" }]) },
  {
    what: "a schema at another address",
    body: {
      input: [],
      tools: [{ type: "function", name: "a", parameters: { properties: { a: { $ref: evil } } } }],
    },
  },
  ...[
    "previous_response_id",
    "conversation",
    "prompt",
    "background",
    "container",
    "mcp_servers",
    "Previous_Response_Id",
  ].map((field) => ({
    what: `the field ${field}`,
    body: { input: [], [field]: { id: "x" } },
    says: `"${field}"`,
  })),
];

const fine: readonly (Try & { readonly vendor: VendorName })[] = [
  {
    vendor: "anthropic",
    what: "text, pictures and documents",
    body: user(
      { type: "text", text: evil },
      image(inline),
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "" } },
      {
        type: "document",
        source: { type: "text", media_type: "text/plain", data: "x" },
        title: "x",
        citations: { enabled: true },
      },
    ),
  },
  {
    vendor: "anthropic",
    what: "a call with a URL in its input, and its result",
    body: {
      messages: [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "x", signature: "s" },
            {
              type: "tool_use",
              id: "t",
              name: "WebFetch",
              input: { url: evil, file_id: "f", source: { type: "url" } },
            },
          ],
        },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "t",
              is_error: false,
              content: [{ type: "text", text: "x" }, image(inline)],
              cache_control: { type: "ephemeral" },
            },
          ],
        },
      ],
    },
  },
  {
    vendor: "anthropic",
    what: "a search result that names its origin",
    body: result({
      type: "search_result",
      source: evil,
      title: "x",
      content: [{ type: "text", text: "x" }],
      citations: { enabled: true },
    }),
  },
  {
    vendor: "anthropic",
    what: "changes of the agent's own tools",
    body: {
      messages: [
        {
          role: "system",
          content: [
            {
              type: "tool_addition",
              tool: {
                type: "tool_definition",
                definition: {
                  name: "a",
                  input_schema: { properties: { url: { type: "string" } }, $defs: {}, $ref: "#/$defs/a" },
                },
              },
            },
            { type: "tool_removal", tool: { type: "tool_reference", name: "a" } },
          ],
        },
      ],
    },
  },
  {
    vendor: "anthropic",
    what: "a tool that asks for files",
    body: {
      messages: [],
      tools: [{ name: "a", input_schema: { properties: { file_id: {}, image_url: {} } } }],
    },
  },
  { vendor: "anthropic", what: "unused fields", body: { messages: [], mcp_servers: [], container: null } },
  {
    vendor: "openai",
    what: "text and a picture",
    body: said(
      { type: "input_text", text: evil },
      { type: "input_image", image_url: dataUrl, detail: "high" },
    ),
  },
  {
    vendor: "google",
    what: "the conversation of Gemini CLI",
    body: {
      systemInstruction: { role: "user", parts: [{ text: evil }] },
      contents: [
        { role: "user", parts: [{ text: evil }, { inlineData: { mimeType: "image/png", data: png } }] },
        {
          role: "model",
          parts: [
            { text: "x", thought: true, thoughtSignature: "AA" },
            {
              functionCall: { id: "c", name: "a", args: { url: evil, file_id: "x" } },
              thoughtSignature: "AA",
            },
          ],
        },
        {
          role: "user",
          parts: [
            {
              functionResponse: {
                id: "c",
                name: "a",
                response: { output: evil },
                parts: [{ inlineData: { mimeType: "application/pdf", data: png } }],
              },
            },
          ],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            { name: "a", parametersJsonSchema: { properties: { url: { $ref: "#/$defs/a" }, file_uri: {} } } },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: "AUTO" } },
      safetySettings: [],
      generationConfig: { temperature: 1, topP: 0.95, topK: 64, thinkingConfig: { thinkingBudget: 8_192 } },
    },
  },
  { vendor: "google", what: "unused fields", body: { contents: [], cachedContent: null, tools: [] } },
  { vendor: "openai", what: "a conversation as a text", body: { input: evil } },
  { vendor: "openai", what: "a message without a type", body: item({ role: "user", content: "x" }) },
  {
    vendor: "openai",
    what: "a PDF",
    body: said({ type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" }),
  },
  {
    vendor: "openai",
    what: "the conversation of Codex",
    body: item(
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "x" }],
        encrypted_content: "x",
      },
      {
        type: "function_call",
        id: "fc_1",
        call_id: "c",
        name: "shell",
        namespace: "n",
        arguments: `{"url":"${evil}"}`,
      },
      {
        type: "function_call_output",
        call_id: "c",
        output: [
          { type: "input_text", text: "x" },
          { type: "input_image", image_url: dataUrl },
        ],
      },
      { type: "custom_tool_call", id: "x", call_id: "d", name: "exec", input: evil },
      { type: "custom_tool_call_output", call_id: "d", output: "x" },
      {
        type: "message",
        id: "msg_1",
        role: "assistant",
        phase: "final_answer",
        content: [{ type: "output_text", text: "x", annotations: [] }],
      },
      { type: "compaction", encrypted_content: "x" },
      { type: "configuration_update", reasoning: { effort: "low" } },
    ),
  },
];

describe("the gateway refuses what names another server, file or item", () => {
  test.for(refusedByAnthropic)("for Anthropic: $what", ({ body, says = "" }) => {
    const checked = check("anthropic", body);
    expect(checked.ok ? "passed on" : checked.error.message).toContain(says);
    expect(checked.ok).toBe(false);
  });

  test.for(refusedByOpenai)("for OpenAI: $what", ({ body, says = "" }) => {
    const checked = check("openai", body);
    expect(checked.ok ? "passed on" : checked.error.message).toContain(says);
    expect(checked.ok).toBe(false);
  });

  test.for(refusedByGoogle)("for Google: $what", ({ body, says = "" }) => {
    const checked = check("google", body);
    expect(checked.ok ? "passed on" : checked.error.message).toContain(says);
    expect(checked.ok).toBe(false);
  });

  test.for(fine)("and passes on $what ($vendor)", ({ vendor, body }) => {
    const checked = check(vendor, body);
    expect(checked.ok ? "" : checked.error.message).toBe("");
    if (checked.ok) expect(JSON.parse(checked.value.text)).toMatchObject(body as object);
  });

  test("and its sentence says what goes on", () => {
    const checked = check("anthropic", user(image({ type: "url", url: evil })));
    expect(checked).toMatchObject({
      error: {
        status: 402,
        message:
          'The gateway passes on only what is whole within a request, so content by a source of the type "url" is refused. /clear begins a conversation without it.',
      },
    });
  });
});

describe("a model that would take over", () => {
  test.for([
    { fallbacks: [{ model: "claude-opus-5" }], allowed: ["claude-sonnet-4-5"], ok: false },
    { fallbacks: "default", allowed: ["claude-sonnet-4-5"], ok: false },
    {
      fallbacks: [{ model: "claude-sonnet-4-5", tools: [{ type: "web_search_20250305" }] }],
      allowed: null,
      ok: false,
    },
    { fallbacks: { model: "claude-opus-5" }, allowed: null, ok: false },
    { fallbacks: [{ model: "claude-sonnet-4-5" }], allowed: ["claude-sonnet-4-5"], ok: true },
    { fallbacks: "default", allowed: null, ok: true },
  ])("$fallbacks for an agent of $allowed: $ok", ({ fallbacks, allowed, ok }) => {
    const body = JSON.stringify({ model: "claude-sonnet-4-5", messages: [], fallbacks });
    const checked = checkBody({ vendor: "anthropic", model: null }, body, allowed);
    expect(checked).toMatchObject({ ok });
    if (ok) expect(checked).toMatchObject({ value: { otherPrice: "fallbacks" } });
  });
});
