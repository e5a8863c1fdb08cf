import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isTalkPath } from "./pages/talk.ts";
import { pagePolicy } from "./pages/page.ts";

/** Most bytes of a form, and of one with files. */
const [mostFormBytes, mostUploadBytes] = [64 * 1024, 21 * 1024 * 1024];

/**
 * Refuses a long body. Only a chat takes files. Such a body has to name its length, so that none of it is read before its
 * sender is known: others could fill the memory.
 */
export const bodyBound: MiddlewareHandler = async (context, next) => {
  const isOfFiles = context.req.header("content-type")?.startsWith("multipart/form-data") === true;
  if (!isOfFiles || !isTalkPath(context.req.path))
    return bodyLimit({ maxSize: mostFormBytes })(context, next);
  const length = Number.parseInt(context.req.header("content-length") ?? "", 10);
  return length <= mostUploadBytes ? next() : context.text("A form has at most 20 MB.\n", 413);
};

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": pagePolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
  // With `no-referrer`, a browser names no origin with a form (seen with Chromium).
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Sets headers on every answer: no page of another origin may frame, read, keep or run anything of ours. */
export const safeHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
};

/**
 * Refuses a request that names another host: a page elsewhere whose name was rebound to this address. A write must also come
 * from a page of ours, which a browser says in `Origin`.
 */
export const ownOrigin =
  (origins: () => readonly string[]): MiddlewareHandler =>
  async (context, next) => {
    const host = context.req.header("host") ?? "";
    const own = origins().filter((origin) => new URL(origin).host === host);
    if (own.length === 0) return context.text(`This console is not at ${JSON.stringify(host)}.\n`, 421);
    const isRead = context.req.method === "GET" || context.req.method === "HEAD";
    if (!isRead && !own.includes(context.req.header("origin") ?? ""))
      return context.text("This form came from a page elsewhere. Nothing was done.\n", 403);
    return next();
  };
