import type { VendorName } from "./vendors.ts";

/**
 * What a field of a block holds.
 * - `any`: words or settings, in which no vendor looks for an address.
 * - `blocks`: a text, or a list of blocks.
 * - `source`: the content itself, or a text that only names its origin (`label`).
 * - `data`: a `data:` URL.
 * - `tools`: definitions of tools. `change`: one definition, or the name of a tool.
 * - `citations`: places in the request's own content.
 * - `inline`: a picture or document itself, with its media type.
 * - `none`: nothing, or an empty list.
 */
export type FieldKind =
  | "any"
  | "blocks"
  | "source"
  | "label"
  | "data"
  | "tools"
  | "change"
  | "citations"
  | "inline"
  | "none"
  /** An object with such fields. */
  | { readonly [field: string]: FieldKind };

/** The fields of a block that are more than a number or a short text. */
export type BlockRule = Readonly<Record<string, FieldKind>>;

export type BlockTable = Readonly<Record<string, BlockRule>>;

/** The blocks that a vendor takes, by their type. All others are refused. */
export type ContentRules = {
  /** The fields of a request that hold its content. */
  readonly places: Readonly<Record<string, "items" | "item" | "blocks">>;
  /** The entries of the conversation. */
  readonly items: BlockTable;
  /** The type of an entry of the conversation without one. */
  readonly untyped: string;
  readonly blocks: BlockTable;
  /** True if a block has no `type`, and its type is the name of its field with the content. */
  readonly isByField: boolean;
  /** The types of entries that a vendor looks up by their id, unless their content is in the request. */
  readonly storedUnless: Readonly<Record<string, string>>;
};

const cached = { cache_control: "any" } as const;
const text = { text: "any" } as const;
const opaque = { encrypted_content: "any" } as const;

/** Blocks that Claude Code 2.1.332 sends, by its requests and its own list of what it forwards. */
const anthropic: ContentRules = {
  places: { messages: "items", system: "blocks" },
  items: { message: { content: "blocks", output_config: "any", clear_at: "any" } },
  untyped: "message",
  blocks: {
    text: { ...text, ...cached, citations: "citations" },
    image: { source: "source", ...cached },
    document: { source: "source", title: "any", context: "any", citations: "any", ...cached },
    search_result: { source: "label", title: "any", content: "blocks", citations: "any", ...cached },
    thinking: { thinking: "any", signature: "any" },
    redacted_thinking: { data: "any" },
    tool_use: { input: "any", caller: "any", ...cached },
    tool_result: { content: "blocks", ...cached },
    tool_reference: { ...cached },
    tool_addition: { tool: "change", ...cached },
    tool_removal: { tool: "change", ...cached },
    compaction: { content: "any", ...opaque, ...cached },
    // Names two models: where another one has taken over.
    fallback: { from: "any", to: "any", ...cached },
  },
  isByField: false,
  storedUnless: {},
};

/** Items that Codex 0.169.0 sends. */
const openai: ContentRules = {
  places: { input: "items", instructions: "blocks" },
  items: {
    message: { content: "blocks" },
    agent_message: { content: "blocks" },
    reasoning: { summary: "blocks", content: "blocks", ...opaque },
    function_call: { arguments: "any" },
    function_call_output: { output: "blocks" },
    custom_tool_call: { input: "any" },
    custom_tool_call_output: { output: "blocks" },
    local_shell_call: { action: "any" },
    local_shell_call_output: { output: "blocks" },
    tool_search_call: { arguments: "any" },
    tool_search_output: { tools: "tools" },
    additional_tools: { tools: "tools" },
    configuration_update: { reasoning: "any" },
    compaction: opaque,
    compaction_summary: opaque,
    context_compaction: opaque,
    compaction_trigger: {},
  },
  untyped: "message",
  blocks: {
    input_text: text,
    output_text: { ...text, annotations: "none", logprobs: "any" },
    summary_text: text,
    reasoning_text: text,
    text,
    refusal: { refusal: "any" },
    input_image: { image_url: "data" },
    input_file: { file_data: "data", filename: "any" },
    encrypted_content: opaque,
  },
  isByField: false,
  storedUnless: {
    reasoning: "encrypted_content",
    compaction: "encrypted_content",
    compaction_summary: "encrypted_content",
    context_compaction: "encrypted_content",
  },
};

const signed = { thought: "any", thoughtSignature: "any" } as const;

/**
 * Contents of the Gemini API. `fileData` is missing on purpose: it names a file by its address. So are the vendor's own code
 * and its output.
 */
const google: ContentRules = {
  places: { contents: "items", systemInstruction: "item" },
  items: { content: { parts: "blocks" } },
  untyped: "content",
  blocks: {
    text: { ...text, ...signed },
    inlineData: { inlineData: "inline", ...signed },
    functionCall: { functionCall: { args: "any" }, ...signed },
    functionResponse: { functionResponse: { response: "any", parts: "blocks" }, ...signed },
  },
  isByField: true,
  storedUnless: {},
};

export const contentRules: { readonly [Name in VendorName]: ContentRules } = { anthropic, openai, google };

/** The keys of Google's inline content. */
export const inlineKeys: ReadonlySet<string> = new Set(["mimeType", "data", "displayName"]);

/** The keys of each source of content. Sources by URL, file or container are missing on purpose. */
export const sourceKeys: Readonly<Record<string, readonly string[]>> = {
  base64: ["type", "media_type", "data"],
  text: ["type", "media_type", "data"],
  content: ["type", "content"],
};

/** Places in documents and search results of the same request. */
export const citationTypes: ReadonlySet<string> = new Set([
  "char_location",
  "page_location",
  "content_block_location",
  "search_result_location",
]);

/** Names of fields that lead out of a request. Vendors in some languages ignore the case of names. */
export const leadsOut: RegExp =
  /(?:^|_)(?:url|urls|uri|href|endpoint|connector|connector_id|server_label|server_name|container|container_id|files?|file_ids?|image_id|audio_id|vector_store_ids?|item_id|response_id|conversation)$/i;
