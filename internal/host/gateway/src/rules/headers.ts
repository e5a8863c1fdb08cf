import type { VendorName } from "./vendors.ts";

/** Headers as Node gives them: names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers whose names an allow list contains. */
export const allowedHeaders = (headers: Headers, allowed: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "string" && allowed.test(name) ? [[name, value]] : [],
    ),
  );

/** The vendor of a path that both have. Claude Code sends its version header with every request. */
export const vendorOf = (headers: Headers): VendorName =>
  headers["anthropic-version"] === undefined ? "openai" : "anthropic";

/**
 * The gateway token of a request, by either header; null without one. Claude Code sends what its apiKeyHelper
 * prints in both. Two different tokens are none.
 */
export const tokenIn = (headers: Headers): string | null => {
  const { authorization, "x-api-key": key } = headers;
  const bearer = typeof authorization === "string" ? /^Bearer (\S+)$/i.exec(authorization)?.[1] : undefined;
  const own = typeof key === "string" && key !== "" ? key : undefined;
  if (authorization !== undefined && bearer === undefined) return null;
  if (bearer !== undefined && own !== undefined && bearer !== own) return null;
  return bearer ?? own ?? null;
};
