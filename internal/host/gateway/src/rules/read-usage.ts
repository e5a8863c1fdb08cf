import { Buffer } from "node:buffer";
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
  push(chunk: Buffer): void;
  /**
   * The tokens of what has passed. The vendor's last numbers count, if it has named them. Else they are those of the
   * beginning, or `estimate` for the input, and for the output what has passed.
   */
  end(estimate: number): Tokens;
};

/** Longest line, and longest JSON body, in which the usage is looked for, in characters. */
const mostText = 2 ** 24;

/**
 * UTF-8 bytes of an answer for each token, if the vendor names no number: few, so that nobody gains by leaving early.
 * English has about 4, and Chinese 3 for a character.
 */
const bytesOfToken = 3;

/** Reads the usage of a stream of events, or of one JSON document. */
export const usageReader = (isStream: boolean): UsageReader => {
  const decoder = new TextDecoder();
  let [rest, isTooLong, isFinal] = ["", false, false];
  const seen: Record<string, number> = {};
  const passed = { bytes: 0, pieces: 0, shownThought: 0, hiddenThought: 0, unread: 0 };
  const keep = (json: string): void => {
    const value = parseJson(json);
    if (!isRecord(value)) return;
    if (isStream) addPiece(passed, value);
    const { usage, isLast } = usageIn(value);
    isFinal ||= isLast;
    const details = usage["input_tokens_details"];
    for (const [name, count] of Object.entries({ ...usage, ...(isRecord(details) ? details : {}) }))
      if (Number.isSafeInteger(count) && Number(count) >= 0) seen[name] = Number(count);
  };
  const takeLines = (): void => {
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) keep(line.slice("data:".length));
  };
  return {
    push: (chunk) => {
      if (!isStream || isTooLong) passed.unread += chunk.length;
      if (isTooLong) return;
      const more = decoder.decode(chunk, { stream: true });
      rest += more;
      if (isStream && more.includes("\n")) takeLines();
      if (rest.length <= mostText) return;
      isTooLong = true;
      if (isStream) passed.unread += Buffer.byteLength(rest);
      rest = "";
    },
    end: (estimate) => {
      if (isStream) {
        rest += "\n";
        takeLines();
      } else keep(rest);
      const tokens = tokensOf(seen, estimate);
      return isFinal && seen["input_tokens"] !== undefined
        ? tokens
        : { ...tokens, output: Math.max(tokens.output, passedTokens(passed)) };
    },
  };
};

type Passed = {
  /** Bytes of texts and of the input of tools. */
  bytes: number;
  /** Pieces that were not empty: each is at least one token. */
  pieces: number;
  /** Bytes of thoughts in clear, and of the same thoughts encrypted, which a vendor may send alone. */
  shownThought: number;
  hiddenThought: number;
  /** Bytes that are not read as events. */
  unread: number;
};

const passedTokens = ({ bytes, pieces, shownThought, hiddenThought, unread }: Passed): number =>
  Math.max(pieces, Math.ceil((bytes + Math.max(shownThought, hiddenThought) + unread) / bytesOfToken));

const bytesIn = (value: unknown): number => (typeof value === "string" ? Buffer.byteLength(value) : 0);

/** Bytes of base64 for each byte of it. */
const packing = 4 / 3;

/** Adds one event of a stream: `delta` is a text (OpenAI) or has one (Anthropic). */
const addPiece = (passed: Passed, event: Readonly<Record<string, unknown>>): void => {
  const { type, delta, content_block: block, item } = event;
  const { text, partial_json: json, thinking, signature } = isRecord(delta) ? delta : {};
  const isThought = /reasoning/.test(String(type));
  const [said, thought] = [
    bytesIn(text) + bytesIn(json) + (isThought ? 0 : bytesIn(delta)),
    bytesIn(thinking) + (isThought ? bytesIn(delta) : 0),
  ];
  passed.bytes += said;
  passed.shownThought += thought;
  passed.pieces += Number(said + thought > 0);
  const { data } = isRecord(block) ? block : {};
  const encrypted = isRecord(item) && type === "response.output_item.done" ? item["encrypted_content"] : null;
  passed.hiddenThought += Math.floor((bytesIn(signature) + bytesIn(data) + bytesIn(encrypted)) / packing);
};

type Found = { readonly usage: Readonly<Record<string, unknown>>; readonly isLast: boolean };

/**
 * Where the vendors put it: in the document or event (message_delta), in `message` (message_start, a beginning), in
 * `response` (response.completed).
 */
const usageIn = (value: Readonly<Record<string, unknown>>): Found => {
  const places = [
    { place: value, isLast: true },
    { place: value["message"], isLast: false },
    { place: value["response"], isLast: true },
  ];
  for (const { place, isLast } of places) {
    const usage = isRecord(place) ? place["usage"] : undefined;
    if (isRecord(usage)) return { usage, isLast };
  }
  return { usage: {}, isLast: false };
};

const tokensOf = (seen: Readonly<Record<string, number>>, estimate: number): Tokens => {
  const { input_tokens: input, output_tokens: output = 0 } = seen;
  if (input === undefined) return { input: estimate, output, cacheRead: 0, cacheWrite: 0 };
  const cacheWrite = seen["cache_creation_input_tokens"] ?? 0;
  const cacheRead = seen["cache_read_input_tokens"] ?? 0;
  // Anthropic counts cached tokens beside the input, and OpenAI counts them within it.
  const within = seen["cached_tokens"];
  if (within !== undefined) return { input, output, cacheRead: Math.min(within, input), cacheWrite: 0 };
  return { input: input + cacheWrite + cacheRead, output, cacheRead, cacheWrite };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
