import { Buffer } from "node:buffer";
import { type Fields, fieldsOf, listOf, parseJson } from "@gatehouse/std";

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
    const value: unknown = parseJson(json);
    // Google's stream without events is one list.
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) if (isRecord(each)) take(each);
  };
  const take = (value: Fields): void => {
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

/** Adds one event of a stream: `delta` is a text (OpenAI) or has one (Anthropic), or `candidates` have some (Google). */
const addPiece = (passed: Passed, event: Fields): void => {
  for (const part of partsIn(event)) addPart(passed, part);
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

/** The parts of Google's candidates. */
const partsIn = ({ candidates }: Fields): readonly Fields[] =>
  listOf(candidates).flatMap(({ content }) => listOf(fieldsOf(content)["parts"]));

/** Adds a part of Google's: a text, a thought, the call of a tool. */
const addPart = (passed: Passed, { text, thought, thoughtSignature, ...rest }: Fields): void => {
  const [said, others] = [bytesIn(text), Object.keys(rest).length === 0 ? 0 : bytesIn(JSON.stringify(rest))];
  passed.bytes += others + (thought === true ? 0 : said);
  passed.shownThought += thought === true ? said : 0;
  passed.hiddenThought += Math.floor(bytesIn(thoughtSignature) / packing);
  passed.pieces += Number(said + others > 0);
};

type Found = { readonly usage: Fields; readonly isLast: boolean };

/**
 * Where the vendors put it: in the document or event (message_delta), in `message` (message_start, a beginning), in
 * `response` (response.completed).
 */
const usageIn = (value: Fields): Found => {
  const { usageMetadata: google, candidates } = value;
  if (isRecord(google)) return { usage: usageOfGoogle(google), isLast: listOf(candidates).some(isFinished) };
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

const isFinished = ({ finishReason }: Fields): boolean => typeof finishReason === "string";

/**
 * Google's counts by the names of OpenAI, which also counts cached tokens within the input. Each piece of a stream has the
 * counts so far. Thoughts are beside the candidates, and a count of 0 may be missing
 * (ai.google.dev, GenerateContentResponse.UsageMetadata).
 */
const usageOfGoogle = (counts: Fields): Fields => ({
  input_tokens: sumOf(counts["promptTokenCount"], counts["toolUsePromptTokenCount"] ?? 0),
  output_tokens: sumOf(counts["candidatesTokenCount"] ?? 0, counts["thoughtsTokenCount"] ?? 0),
  cached_tokens: counts["cachedContentTokenCount"] ?? 0,
});

/** NaN, which is not counted, if one of the values is no count. */
const sumOf = (...counts: readonly unknown[]): number =>
  counts.reduce<number>(
    (sum, count) => (Number.isSafeInteger(count) && Number(count) >= 0 ? sum + Number(count) : Number.NaN),
    0,
  );

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

const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null;
