import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isTalkPath } from "./pages/talk.ts";
import { pagePolicy } from "./pages/page.ts";

/** Most bytes of a form without files, and of one with files. */
const [mostFormBytes, mostUploadBytes] = [64 * 1024, 21 * 2 ** 20];

/**
 * Bytes of forms with files that the console holds at once, of all people and of one. A form is read as a whole, and needs
 * a multiple of its bytes until its message is stored.
 */
const [mostHeld, mostHeldOfPerson] = [3 * mostUploadBytes, 2 * mostUploadBytes];

/** The bytes that a form with files names; 0 for another form. */
const uploadBytes = ({ req }: Context): number =>
  req.header("content-type")?.startsWith("multipart/form-data") === true && isTalkPath(req.path)
    ? Number.parseInt(req.header("content-length") ?? "", 10)
    : 0;

const isRead = ({ req }: Context): boolean => req.method === "GET" || req.method === "HEAD";

const formLimit = bodyLimit({ maxSize: mostFormBytes });

/**
 * Refuses a long body. Only a chat takes files. Such a body has to name its length, so that none of it is read before its
 * sender is known: others could fill the memory.
 */
export const bodyBound: MiddlewareHandler = async (context, next) => {
  // Without a body. To look for one, the server would make a whole `Request`.
  if (isRead(context)) return next();
  const bytes = uploadBytes(context);
  if (bytes === 0) return formLimit(context, next);
  return Number.isNaN(bytes) ? context.text("A form with files has to name its length.\n", 413) : next();
};

/** Why a form with files is not read. */
type NotRead = { readonly status: 413 | 503; readonly why: string };

const tooLong: NotRead = { status: 413, why: "Not sent: a message has at most 20 MB of files." };
const noRoom: NotRead = {
  status: 503,
  why: "Not sent: the console reads other files at this moment. Send it again in some seconds.",
};

/** Bounds the forms with files that are held in memory. */
export const uploadRoom = (): {
  /** Takes the bytes of a form of this person. Returns what gives them back, or why the form is not read. */
  readonly take: (person: string, context: Context) => (() => void) | NotRead;
} => {
  const held = new Map<string, number>();
  const add = (person: string, bytes: number): void => {
    const now = (held.get(person) ?? 0) + bytes;
    if (now === 0) held.delete(person);
    else held.set(person, now);
  };
  return {
    take: (person, context) => {
      const bytes = uploadBytes(context);
      const inAll = [...held.values()].reduce((total, one) => total + one, bytes);
      if (bytes > mostUploadBytes) return tooLong;
      if (bytes > 0 && (inAll > mostHeld || (held.get(person) ?? 0) + bytes > mostHeldOfPerson))
        return noRoom;
      add(person, bytes);
      let isHeld = true;
      return () => {
        if (isHeld) add(person, -bytes);
        isHeld = false;
      };
    },
  };
};

/** Most bytes of a refused form that are read and dropped: before that, a browser shows no answer. */
const mostDropped = 2 ** 28;

/** Reads past the body of a form. */
export const dropBody = async ({ req }: Context): Promise<void> => {
  if (req.raw.body === null || req.raw.bodyUsed) return;
  let dropped = 0;
  try {
    for await (const piece of req.raw.body) {
      dropped += piece.length;
      if (dropped > mostDropped) return;
    }
  } catch {
    // Its sender has left.
  }
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
    const own = origins().filter((origin) => origin.endsWith(`//${host}`));
    if (own.length === 0) return context.text(`This console is not at ${JSON.stringify(host)}.\n`, 421);
    if (!isRead(context) && !own.includes(context.req.header("origin") ?? ""))
      return context.text("This form came from a page elsewhere. Nothing was done.\n", 403);
    return next();
  };
