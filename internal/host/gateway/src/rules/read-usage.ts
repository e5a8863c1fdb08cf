import { parseJson } from "@gatehouse/std";

/** Tokens of one request. Input includes what was read from, or written to, the vendor's cache. */
export type Tokens = {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
};

/** Reads the usage in an answer while it passes. */
export type UsageReader = {
  push(chunk: string): void;
  /** The tokens of the whole answer; null if it named none. */
  end(): Tokens | null;
};

/** Longest line, and longest JSON body, in which the usage is looked for, in characters. */
const mostText = 2 ** 24;

/** Reads the usage of a stream of events, or of one JSON document. */
export const usageReader = (isStream: boolean): UsageReader => {
  let [rest, isTooLong] = ["", false];
  const seen: Record<string, number> = {};
  const keep = (json: string): void => {
    if (!json.includes('"usage"')) return;
    const usage = usageIn(json);
    const details = usage["input_tokens_details"];
    for (const [name, count] of Object.entries({ ...usage, ...(isRecord(details) ? details : {}) }))
      if (typeof count === "number" && count >= 0) seen[name] = count;
  };
  const takeLines = (): void => {
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) keep(line.slice("data:".length));
  };
  return {
    push: (chunk) => {
      if (isTooLong) return;
      rest += chunk;
      if (isStream) takeLines();
      isTooLong = rest.length > mostText;
      if (isTooLong) rest = "";
    },
    end: () => {
      if (isStream) rest += "\n";
      if (isStream) takeLines();
      else keep(rest);
      return tokensOf(seen);
    },
  };
};

/** Where the vendors put it: in the document, in `message` (message_start), in `response` (response.completed). */
const usageIn = (json: string): Readonly<Record<string, unknown>> => {
  const value = parseJson(json);
  const places = isRecord(value) ? [value, value["message"], value["response"]] : [];
  for (const place of places) {
    const usage = isRecord(place) ? place["usage"] : undefined;
    if (isRecord(usage)) return usage;
  }
  return {};
};

const tokensOf = (seen: Readonly<Record<string, number>>): Tokens | null => {
  const { input_tokens: input, output_tokens: output = 0 } = seen;
  if (input === undefined) return null;
  const cacheWrite = seen["cache_creation_input_tokens"] ?? 0;
  const cacheRead = seen["cache_read_input_tokens"] ?? 0;
  // Anthropic counts cached tokens beside the input, and OpenAI counts them within it.
  const within = seen["cached_tokens"];
  if (within !== undefined) return { input, output, cacheRead: Math.min(within, input), cacheWrite: 0 };
  return { input: input + cacheWrite + cacheRead, output, cacheRead, cacheWrite };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
