import { noSuchMethod, noSuchPath, notAPath, type Refusal } from "./refusal-messages.ts";
import type { VendorName } from "./vendors.ts";

/** A request that the gateway forwards. */
export type Route = {
  readonly kind: "forward";
  readonly vendor: VendorName;
  readonly method: "GET" | "POST";
  /** The path and query at the vendor. */
  readonly path: string;
  /** True if the request costs tokens. */
  readonly isCounted: boolean;
};

/** `hello`: the gateway answers itself, since Claude Code asks whether the address answers at all. */
type Routed = Route | { readonly kind: "hello" } | { readonly kind: "refused"; readonly refusal: Refusal };

type Row = {
  readonly path: RegExp;
  readonly method: "GET" | "POST";
  /** Null: the vendor of the request's headers. */
  readonly vendor: VendorName | null;
  readonly isCounted: boolean;
  /** The parameters that are passed on. */
  readonly query: readonly string[];
};

const modelQuery = ["limit", "after_id", "before_id"];

const rows: readonly Row[] = [
  { path: /^\/v1\/messages$/, method: "POST", vendor: "anthropic", isCounted: true, query: ["beta"] },
  {
    path: /^\/v1\/messages\/count_tokens$/,
    method: "POST",
    vendor: "anthropic",
    isCounted: false,
    query: ["beta"],
  },
  { path: /^\/v1\/responses$/, method: "POST", vendor: "openai", isCounted: true, query: [] },
  { path: /^\/v1\/models$/, method: "GET", vendor: null, isCounted: false, query: modelQuery },
  { path: /^\/v1\/models\/[\w.:-]{1,128}$/, method: "GET", vendor: null, isCounted: false, query: [] },
];

/** Whether agents may ask their model at a path. */
export const isModelPath = (path: string): boolean =>
  rows.some((row) => row.isCounted && row.path.test(path));

/** Claude Code 2.1.328 asks for `/api/hello`, other versions for `/`. */
const helloPaths: ReadonlySet<string> = new Set(["/", "/api/hello"]);

type Asked = {
  readonly method: string;
  /** The request's target, as it was received. */
  readonly target: string;
  /** From the request's headers. */
  readonly vendor: VendorName;
};

/** Finds the route of a request. Only a path in its normal form is compared, and forwarded. */
export const routeOf = ({ method, target, vendor }: Asked): Routed => {
  if (!target.startsWith("/") || target.startsWith("//")) return refused(notAPath);
  const [path = "", query = ""] = splitOnce(target);
  if (new URL(path, "http://gateway").pathname !== path) return refused(noSuchPath);
  if (method === "HEAD" && helloPaths.has(path)) return { kind: "hello" };
  const row = rows.find((each) => each.path.test(path));
  if (row === undefined) return refused(noSuchPath);
  if (row.method !== method) return refused(noSuchMethod(row.method));
  return {
    kind: "forward",
    vendor: row.vendor ?? vendor,
    method: row.method,
    path: `${path}${allowedQuery(query, row.query)}`,
    isCounted: row.isCounted,
  };
};

const refused = (refusal: Refusal): Routed => ({ kind: "refused", refusal });

const splitOnce = (target: string): readonly string[] => {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
};

const allowedQuery = (query: string, names: readonly string[]): string => {
  const allowed = [...new URLSearchParams(query)].filter(([name]) => names.includes(name));
  return allowed.length === 0 ? "" : `?${new URLSearchParams(allowed).toString()}`;
};

/** Headers as Node gives them: names in lower case. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

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
