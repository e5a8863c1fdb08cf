import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { allowedHeaders } from "../rules/routes.ts";
import { type Tokens, usageReader } from "../rules/read-usage.ts";
import { type VendorName, vendors } from "../rules/vendors.ts";

/** The end of an answer. `cut`: one of the sides left before. */
type Passed = { readonly kind: "whole"; readonly tokens: Tokens | null } | { readonly kind: "cut" };

type Answer = {
  readonly vendor: VendorName;
  readonly answer: IncomingMessage;
  readonly isStream: boolean;
  /** The key of the request, which no answer may contain. */
  readonly key: string;
};

/** Passes a vendor's answer on, chunk by chunk, and reads its usage. */
export const passAnswer = (
  { vendor, answer, isStream, key }: Answer,
  response: ServerResponse,
): Promise<Passed> =>
  new Promise((resolve) => {
    const [reader, decoder] = [usageReader(isStream), new StringDecoder("utf8")];
    const cut = (): void => {
      answer.destroy();
      // An agent must see a cut, and not the end of a shorter answer.
      response.destroy();
      resolve({ kind: "cut" });
    };
    response.writeHead(answer.statusCode ?? 200, {
      ...allowedHeaders(answer.headers, vendors[vendor].responseHeaders),
      connection: "close",
    });
    response.flushHeaders();
    response.on("drain", () => answer.resume()).once("close", () => response.writableFinished || cut());
    answer
      .on("data", (chunk: Buffer) => {
        reader.push(decoder.write(chunk));
        // An error in the middle of a stream is one event, which comes in one chunk.
        const shown = chunk.includes(key) ? redact(chunk.toString("utf8"), key) : chunk;
        if (!response.write(shown)) answer.pause();
      })
      .once("end", () => {
        if (!answer.complete) return cut();
        resolve({ kind: "whole", tokens: reader.end() });
        response.end();
      })
      .on("error", cut)
      .once("close", () => answer.complete || cut());
  });

/** Longest error text that is passed on, bytes. */
const mostErrorBytes = 2 ** 16;

/** Passes an error of the vendor on, without keys in its text. `text`: its `errorText`. */
export const passError = (
  { vendor, answer, key }: Omit<Answer, "isStream">,
  text: string,
  response: ServerResponse,
): void => {
  const headers = allowedHeaders(answer.headers, vendors[vendor].responseHeaders);
  response.writeHead(answer.statusCode ?? 502, { ...headers, connection: "close" });
  response.end(redact(text, key));
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

/** The text that replaces a key. */
const hidden = "[key]";

/** Removes the key, and all that has the form of one, from a text of the vendor. */
const redact = (text: string, key: string): string =>
  text.replaceAll(key, hidden).replaceAll(/\b(?:sk|rk|pk)-[A-Za-z0-9_*.-]{6,}/g, hidden);
