import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { allowedHeaders } from "../rules/routes.ts";
import { type Tokens, usageReader } from "../rules/read-usage.ts";
import { type VendorName, vendors } from "../rules/vendors.ts";
import { headersWithoutKey, keyFilter, withoutKeys } from "./hide-key.ts";

type Answer = {
  readonly vendor: VendorName;
  readonly answer: IncomingMessage;
  readonly isStream: boolean;
  /** The key of the request, which no answer may contain. */
  readonly key: string;
  /** The estimate of the request's input. */
  readonly estimate: number;
};

/**
 * Passes a vendor's answer on, chunk by chunk. Resolves with its tokens at its end, and those of what has come if one
 * of the sides left before.
 */
export const passAnswer = (
  { vendor, answer, isStream, key, estimate }: Answer,
  response: ServerResponse,
): Promise<Tokens> =>
  new Promise((resolve) => {
    const [reader, filter] = [usageReader(isStream), keyFilter(key)];
    const cut = (): void => {
      answer.destroy();
      // An agent must see a cut, and not the end of a shorter answer.
      response.destroy();
      resolve(reader.end(estimate));
    };
    response.writeHead(answer.statusCode ?? 200, passedHeaders({ vendor, answer, key }));
    response.flushHeaders();
    response.on("drain", () => answer.resume()).once("close", () => response.writableFinished || cut());
    answer
      .on("data", (chunk: Buffer) => {
        reader.push(chunk);
        if (!response.write(filter.push(chunk))) answer.pause();
      })
      .once("end", () => {
        if (!answer.complete) return cut();
        resolve(reader.end(estimate));
        response.end(filter.end());
      })
      .on("error", cut)
      .once("close", () => answer.complete || cut());
  });

const passedHeaders = ({
  vendor,
  answer,
  key,
}: Pick<Answer, "vendor" | "answer" | "key">): Record<string, string> => ({
  ...headersWithoutKey(allowedHeaders(answer.headers, vendors[vendor].responseHeaders), key),
  connection: "close",
});

/** Longest error text that is passed on, bytes. */
const mostErrorBytes = 2 ** 16;

/** Passes an error of the vendor on, without keys in its text. `text`: its `errorText`. */
export const passError = (
  { vendor, answer, key }: Pick<Answer, "vendor" | "answer" | "key">,
  text: string,
  response: ServerResponse,
): void => {
  response.writeHead(answer.statusCode ?? 502, passedHeaders({ vendor, answer, key }));
  response.end(withoutKeys(text, key));
};

/**
 * The beginning of an error text. A vendor that cuts it leaves what has arrived. Call it at once: an answer that was
 * cut before is not heard of any more.
 */
export const errorText = (answer: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    answer
      .on("data", (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > mostErrorBytes) answer.destroy();
      })
      .on("error", () => {})
      .once("close", () => resolve(Buffer.concat(parts).toString("utf8", 0, mostErrorBytes)));
  });
