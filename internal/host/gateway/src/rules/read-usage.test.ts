import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { usageReader } from "./read-usage.ts";

test.for([
  {
    what: "Anthropic's cache beside the input",
    usage: { input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 7, cache_creation_input_tokens: 1 },
    tokens: { input: 13, output: 2, cacheRead: 7, cacheWrite: 1 },
  },
  {
    what: "OpenAI's cache within the input",
    usage: { input_tokens: 50, output_tokens: 2, input_tokens_details: { cached_tokens: 40 } },
    tokens: { input: 50, output: 2, cacheRead: 40, cacheWrite: 0 },
  },
  {
    what: "no more cached tokens than the input has",
    usage: { input_tokens: 5, output_tokens: 0, input_tokens_details: { cached_tokens: 40 } },
    tokens: { input: 5, output: 0, cacheRead: 5, cacheWrite: 0 },
  },
  {
    what: "no negative counts, and takes the estimate and what has passed instead",
    usage: { input_tokens: -5, output_tokens: 2 },
    tokens: {
      input: 9,
      output: Math.ceil('{"usage":{"input_tokens":-5,"output_tokens":2}}'.length / 3),
      cacheRead: 0,
      cacheWrite: 0,
    },
  },
  {
    what: "Google's cache within the input, its thoughts beside the answer, and the results of its tools",
    usageMetadata: {
      promptTokenCount: 50,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 2,
      thoughtsTokenCount: 3,
      totalTokenCount: 60,
    },
    tokens: { input: 55, output: 5, cacheRead: 40, cacheWrite: 0 },
  },
  {
    what: "Google's numbers where those of 0 are missing",
    usageMetadata: { promptTokenCount: 5 },
    tokens: { input: 5, output: 0, cacheRead: 0, cacheWrite: 0 },
  },
])("reads $what", ({ tokens, ...row }) => {
  const reader = usageReader(false);
  const answer =
    "usageMetadata" in row
      ? { candidates: [{ finishReason: "STOP" }], usageMetadata: row.usageMetadata }
      : { usage: row.usage };
  reader.push(Buffer.from(JSON.stringify(answer)));
  expect(reader.end(9)).toEqual(tokens);
});
