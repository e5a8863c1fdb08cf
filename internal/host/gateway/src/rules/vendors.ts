import type { Vendor as VendorName } from "@gatehouse/provider-facts/agents";
import { keyAddressProblem } from "@gatehouse/std";

export type { VendorName };

type SentHeaders = Readonly<Record<string, string>>;

/** An error in the gateway's words: its HTTP status, its kind in the words of Anthropic, and a sentence. */
type VendorError = { readonly status: number; readonly type: string; readonly message: string };

/** How the gateway talks with a vendor. */
export type Vendor = {
  /** The address without an option of the operator. */
  readonly defaultUrl: string;
  /** How only its own keys begin. Others may begin in another way: old ones of OpenAI, and those of a proxy. */
  readonly ownKey: RegExp;
  /** Adds the key to the headers of a request. */
  readonly withKey: (headers: SentHeaders, key: string) => SentHeaders;
  /** Headers of an agent that are passed on. All others are dropped. */
  readonly requestHeaders: RegExp;
  /** Headers of the vendor that are passed back. All others are dropped. */
  readonly responseHeaders: RegExp;
  /** The types of tools that the agent runs itself. The vendor would run and charge all others. */
  readonly agentTools: ReadonlySet<string>;
  /** The types of tools that the agent runs itself only if they say so: `execution` is "client". */
  readonly clientTools: ReadonlySet<string>;
  /** The type of a tool that holds a list of tools; null if there is none. */
  readonly toolGroup: string | null;
  /** The one field that a tool may have, if tools have no type: the declarations of those of the agent. Null if they have one. */
  readonly toolList: string | null;
  /**
   * The fields of a request that are passed on. Others are refused: with some the vendor reaches other servers, runs
   * code, or reads other agents' data (`mcp_servers`, `container`, `previous_response_id`, `conversation`, `prompt`).
   */
  readonly fields: ReadonlySet<string>;
  /** The same for the fields within a field. */
  readonly innerFields: Readonly<Record<string, ReadonlySet<string>>>;
  /** Fields that may change a model's price, and their values that do not. */
  readonly usualPrice: Readonly<Record<string, readonly unknown[]>>;
  /** The field of the conversation. */
  readonly conversation: string;
  /** The fields, one within the other, that limit an answer's tokens. */
  readonly answerLimit: readonly string[];
  /** The body of an error, as the vendor's own clients read it. */
  readonly errorBody: (error: VendorError) => object;
  /** What the text of a 400 has if the vendor refuses the key; null if it has statuses for that. */
  readonly badKey: RegExp | null;
};

/** The vendor whose own key this is, by its beginning; undefined if it may be of any. */
export const vendorOfKey = (key: string): VendorName | undefined =>
  vendorNames.find((name) => vendors[name].ownKey.test(key));

/** Whether a key is a token of a person's subscription, as `claude setup-token` makes one (2.1.328). */
export const isSignInToken = (key: string): boolean => key.startsWith("sk-ant-oat");

/** Claude Code 2.1.328 sends such a token so, with this name among its betas. */
const signInBeta = "oauth-2025-04-20";

const withSignIn = (headers: SentHeaders, token: string): SentHeaders => {
  const betas = headers["anthropic-beta"]?.split(",") ?? [];
  const all = betas.includes(signInBeta) ? betas : [...betas, signInBeta];
  return { ...headers, authorization: `Bearer ${token}`, "anthropic-beta": all.join(",") };
};

/** Google's words for HTTP statuses (google.rpc.Code). */
const googleStatuses: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  502: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

const stainless = "x-stainless-[a-z-]+";

export const vendors: { readonly [Name in VendorName]: Vendor } = {
  anthropic: {
    defaultUrl: "https://api.anthropic.com",
    ownKey: /^sk-ant-/,
    withKey: (headers, key) =>
      isSignInToken(key) ? withSignIn(headers, key) : { ...headers, "x-api-key": key },
    // `accept-encoding` is missing on purpose: the gateway reads the usage in the answer.
    requestHeaders: new RegExp(
      `^(?:accept|anthropic-version|anthropic-beta|anthropic-dangerous-direct-browser-access|user-agent|x-app|${stainless})$`,
    ),
    responseHeaders: /^(?:content-type|retry-after|x-should-retry|request-id|anthropic-ratelimit-[a-z-]+)$/,
    agentTools: new Set(["custom"]),
    clientTools: new Set(),
    toolGroup: null,
    toolList: null,
    // Claude Code 2.1.332 names these, and the API's reference `service_tier`, `inference_geo`, `top_k` and `top_p`.
    fields: new Set([
      ...["model", "messages", "system", "tools", "tool_choice", "metadata", "max_tokens", "thinking"],
      ...["temperature", "top_k", "top_p", "stop_sequences", "stream", "context_management", "output_config"],
      ...["output_format", "speed", "service_tier", "inference_geo", "safeguards", "context_hint"],
      ...["cache_control", "fallbacks", "fallback_credit_token"],
    ]),
    innerFields: {},
    usualPrice: {
      service_tier: ["auto", "standard_only"],
      speed: ["standard"],
      inference_geo: ["global"],
      // Another model may answer, at its own price.
      fallbacks: [],
    },
    conversation: "messages",
    answerLimit: ["max_tokens"],
    errorBody: ({ type, message }) => ({ type: "error", error: { type, message } }),
    badKey: null,
  },
  openai: {
    defaultUrl: "https://api.openai.com",
    ownKey: /^sk-(?:proj|svcacct|admin)-/,
    withKey: (headers, key) => ({ ...headers, authorization: `Bearer ${key}` }),
    requestHeaders: new RegExp(
      `^(?:accept|openai-beta|originator|version|session_id|conversation_id|user-agent|${stainless})$`,
    ),
    responseHeaders: /^(?:content-type|retry-after|x-should-retry|x-request-id|x-ratelimit-[a-z-]+)$/,
    agentTools: new Set(["function", "custom", "local_shell"]),
    // Codex 0.169.0: tools of MCP servers are groups, which a model may have to look for, and the newer models have
    // all tools in the input.
    clientTools: new Set(["tool_search"]),
    toolGroup: "namespace",
    toolList: null,
    // Codex 0.169.0 sends most of these. `user` and the rest are in the API's reference.
    fields: new Set([
      ...["model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "max_tool_calls"],
      ...["reasoning", "text", "include", "store", "stream", "stream_options", "truncation", "temperature"],
      ...[
        "top_p",
        "top_logprobs",
        "max_output_tokens",
        "metadata",
        "client_metadata",
        "service_tier",
        "user",
      ],
      ...["safety_identifier", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention"],
      ...["context_management"],
    ]),
    innerFields: {},
    usualPrice: { service_tier: ["auto", "default"] },
    conversation: "input",
    answerLimit: ["max_output_tokens"],
    errorBody: ({ type, message }) => ({ error: { type, code: type, message } }),
    badKey: null,
  },
  // The Gemini API, as Gemini CLI 0.61.0 asks it. It takes each field by a second name (`cached_content`): those are refused.
  google: {
    defaultUrl: "https://generativelanguage.googleapis.com",
    ownKey: /^AIza/,
    withKey: (headers, key) => ({ ...headers, "x-goog-api-key": key }),
    // Gemini CLI also sends the id of its installation, which is not passed on.
    requestHeaders: /^(?:accept|user-agent|x-goog-api-client)$/,
    responseHeaders: /^(?:content-type|retry-after)$/,
    agentTools: new Set(),
    clientTools: new Set(),
    toolGroup: null,
    // All others run at Google: `googleSearch`, `urlContext`, `codeExecution`, `fileSearch`, `mcpServers`.
    toolList: "functionDeclarations",
    // Not `cachedContent`, which is stored by others too, nor `model`, which is in the path.
    fields: new Set([
      "contents",
      "systemInstruction",
      "tools",
      "toolConfig",
      "safetySettings",
      "generationConfig",
    ]),
    // With others the answer has a picture or a voice, or there are several answers.
    innerFields: {
      generationConfig: new Set([
        ...["temperature", "topP", "topK", "seed", "maxOutputTokens", "stopSequences", "thinkingConfig"],
        ...["responseMimeType", "responseSchema", "responseJsonSchema", "mediaResolution"],
        ...["presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs"],
      ]),
    },
    usualPrice: {},
    conversation: "contents",
    answerLimit: ["generationConfig", "maxOutputTokens"],
    errorBody: ({ status: code, message }) => ({
      error: { code, message, status: googleStatuses[code] ?? "FAILED_PRECONDITION" },
    }),
    badKey: /"reason":\s*"API_KEY_INVALID"/,
  },
};

/** A model as Google's paths name it: `models/gemini-2.5-pro` is gemini-2.5-pro. */
export const modelOfGoogle = (name: string): string => name.replace(/^models\//, "");

export const vendorNames = Object.keys(vendors) as readonly VendorName[];

/** The address of each vendor, which the operator may set. */
export type Upstreams = Readonly<Record<VendorName, URL>>;

export const defaultUpstreams: Upstreams = {
  anthropic: new URL(vendors.anthropic.defaultUrl),
  openai: new URL(vendors.openai.defaultUrl),
  google: new URL(vendors.google.defaultUrl),
};

/** `anthropic=URL`, parsed; a text is the reason for a refusal. */
export const parseUpstream = (text: string): Partial<Upstreams> | string => {
  const [name, url] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  const vendor = vendorNames.find((each) => each === name);
  if (vendor === undefined) return `Write ${vendorNames.map((each) => `${each}=URL`).join(" or ")}.`;
  const problem = keyAddressProblem(url);
  return problem === null ? { [vendor]: new URL(url) } : `The address of ${vendor} ${problem}.`;
};

/** A stored `anthropic=URL`. Throws for a damaged one: without it, requests would go to another address. */
export const storedUpstream = (text: string): Partial<Upstreams> => {
  const parsed = parseUpstream(text);
  if (typeof parsed === "string") throw new Error(`A stored upstream is damaged. ${parsed}`);
  return parsed;
};

/**
 * The address of a path at a vendor. The address of the operator may have a path of its own. If that ends with the version with
 * which the path begins, as base URLs of OpenAI's own clients do (`https://api.openai.com/v1`), the version counts once.
 */
export const upstreamUrl = (upstreams: Upstreams, vendor: VendorName, path: string): URL => {
  const base = upstreams[vendor];
  const [version = ""] = /^\/\w+/.exec(path) ?? [];
  const own = base.pathname.replace(/\/+$/, "");
  return new URL(`${base.origin}${own.endsWith(version) ? own.slice(0, -version.length) : own}${path}`);
};
