import { noModelOfGoogle, noSuchMethod, noSuchPath, notAPath, type Refusal } from "./refusal-messages.ts";
import type { VendorName } from "./vendors.ts";

/** A request that the gateway forwards. */
export type Route = {
  readonly kind: "forward";
  readonly vendor: VendorName;
  readonly method: "GET" | "POST";
  /** The path and query at the vendor. */
  readonly path: string;
  /** The model that the path names; null if the body names it. */
  readonly model: string | null;
  /** True if the request costs tokens. */
  readonly isCounted: boolean;
};

/** `hello`: the gateway answers itself, since Claude Code asks whether the address answers at all. */
type Routed = Route | { readonly kind: "hello" } | { readonly kind: "refused"; readonly refusal: Refusal };

type Row = {
  /** Its group is the model. */
  readonly path: RegExp;
  readonly method: "GET" | "POST";
  /** Null: the vendor of the request's headers. */
  readonly vendor: VendorName | null;
  readonly isCounted: boolean;
  /** The parameters that are passed on: by their name, or by their name and value. */
  readonly query: readonly string[];
};

const modelQuery = ["limit", "after_id", "before_id"];

/** What Google calls a method of a model. All others, and models of `tunedModels`, are refused. */
const googleMethods = [
  { method: "generateContent", isCounted: true, query: [] },
  // Without `alt` the answer is one document, which grows: both have the usage. Other values are not JSON.
  { method: "streamGenerateContent", isCounted: true, query: ["alt=sse"] },
  { method: "countTokens", isCounted: false, query: [] },
] as const;

/** A path that Gemini CLI makes of a model's name with a slash, such as `google/gemini-2.5-pro`. */
const slashedModel = new RegExp(
  `^/v1beta/models/\\w[\\w.-]*(?:/\\w[\\w.-]*)+:(?:${googleMethods.map(({ method }) => method).join("|")})$`,
);

/** The parameter `key` is never passed on. */
const googleRows = (): readonly Row[] =>
  googleMethods.map(({ method, isCounted, query }) => ({
    path: new RegExp(`^/v1beta/models/([A-Za-z0-9][\\w.-]{0,127}):${method}$`),
    method: "POST",
    vendor: "google",
    isCounted,
    query,
  }));

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
  ...googleRows(),
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
  if (row === undefined) return refused(slashedModel.test(path) ? noModelOfGoogle : noSuchPath);
  if (row.method !== method) return refused(noSuchMethod(row.method));
  return {
    kind: "forward",
    vendor: row.vendor ?? vendor,
    method: row.method,
    path: `${path}${allowedQuery(query, row.query)}`,
    model: row.vendor === "google" ? (row.path.exec(path)?.[1] ?? null) : null,
    isCounted: row.isCounted,
  };
};

const refused = (refusal: Refusal): Routed => ({ kind: "refused", refusal });

const splitOnce = (target: string): readonly string[] => {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
};

const allowedQuery = (query: string, names: readonly string[]): string => {
  const allowed = [...new URLSearchParams(query)].filter(
    ([name, value]) => names.includes(name) || names.includes(`${name}=${value}`),
  );
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

/**
 * The vendor of a path that several have, and of a refusal. Claude Code sends its version header with every request, Gemini
 * CLI its key.
 */
export const vendorOf = (headers: Headers): VendorName => {
  if (headers["x-goog-api-key"] !== undefined) return "google";
  return headers["anthropic-version"] === undefined ? "openai" : "anthropic";
};

/**
 * The gateway token of a request, by any of the vendors' headers; null without one. Claude Code sends what its
 * apiKeyHelper prints in two. Different tokens are none.
 */
export const tokenIn = (headers: Headers): string | null => {
  const { authorization, "x-api-key": key, "x-goog-api-key": googleKey } = headers;
  const bearer = typeof authorization === "string" ? /^Bearer (\S+)$/i.exec(authorization)?.[1] : undefined;
  if (authorization !== undefined && bearer === undefined) return null;
  const tokens = new Set([bearer, key, googleKey].filter((token) => token !== undefined && token !== ""));
  const [token] = tokens;
  return tokens.size === 1 && typeof token === "string" ? token : null;
};
