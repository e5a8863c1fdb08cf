import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Args, ResponseFrame } from "@nc/cli-scope";
import { dropBody, uploadRoom } from "./guards.ts";
import { page, type PageOptions, type Reader } from "./pages/page.ts";
import { said } from "./pages/parts.ts";
import { signInMs, type SignedIn, type SignIns } from "./sign-ins.ts";

/** Answers a command, without the id of its frame, as a person; null is the operator. */
export type AnswerAs = (userId: string | null, command: string, args: Args) => Promise<ResponseFrame>;

/** A request of a browser that is signed in. */
export type Visit = { readonly signedIn: Reader; readonly context: Context };

type Form = Readonly<Record<string, string>>;
type Handler = (context: Context) => Promise<Response>;

/** Who visits, and with which form. */
export type Visits = {
  /** Answers a signed-in browser; sends any other to the sign-in. */
  readonly visited: (answer: (visit: Visit) => Response | Promise<Response>) => Handler;
  /** Answers a form of a page that this browser was given. */
  readonly posted: (
    answer: (visit: Visit, form: Form, files: readonly File[]) => Response | Promise<Response>,
  ) => Handler;
  /** The sign-in of a browser; null also for a person who is served no longer. */
  readonly signedInOf: (context: Context) => Promise<SignedIn | null>;
  /** Whether a browser is signed in, without a look at whether its person is still served. */
  readonly hasSignIn: (context: Context) => boolean;
  /** Signs a browser in. False if the code is wrong. */
  readonly signIn: (context: Context, code: string) => boolean;
  readonly signOut: (context: Context) => void;
};

type VisitsOptions = {
  readonly origins: () => readonly string[];
  readonly isServed: (userId: string) => Promise<boolean>;
  readonly signIns: SignIns;
  /** How many requests wait for a person; null is the operator. */
  readonly waits: (userId: string | null) => Promise<number>;
  readonly known: (context: Context, signedIn: SignedIn) => void;
};

export const visits = ({ origins, isServed, signIns, waits, known }: VisitsOptions): Visits => {
  const uploads = uploadRoom();
  const isTls = (): boolean => origins()[0]?.startsWith("https:") === true;
  // By the prefix, a browser takes the cookie from this host alone, and by TLS alone.
  const cookieName = (): string =>
    `${isTls() ? "__Host-" : ""}gatehouse-${new URL(origins()[0] ?? "http://console").port}`;
  const cookieOf = (context: Context): string => getCookie(context, cookieName()) ?? "";
  const setCookieTo = (context: Context, cookie: string, maxAge: number): void =>
    setCookie(context, cookieName(), cookie, {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      maxAge,
      secure: isTls(),
    });
  const signedInOf = async (context: Context): Promise<SignedIn | null> => {
    const cookie = cookieOf(context);
    const signedIn = signIns.of(cookie);
    if (signedIn === null || signedIn.userId === null) return signedIn;
    if (await isServed(signedIn.userId)) return signedIn;
    signIns.signOut(cookie);
    return null;
  };
  const visited: Visits["visited"] = (answer) => async (context) => {
    const signedIn = await signedInOf(context);
    if (signedIn === null) return context.redirect("/sign-in", 303);
    known(context, signedIn);
    return answer({ signedIn: { ...signedIn, waits: () => waits(signedIn.userId) }, context });
  };
  return {
    visited,
    posted: (answer) =>
      visited(async (visit) => {
        const { signedIn, context } = visit;
        const refuse = async (status: 400 | 413 | 503, why: string): Promise<Response> => {
          await dropBody(context);
          const body = html`${said(why, true)}
            <p><a href="${context.req.path}">Back</a></p>`;
          return show(context, status, { title: "Not sent", signedIn, body });
        };
        const giveBack = uploads.take(signedIn.userId ?? "", context);
        if (typeof giveBack !== "function") return refuse(giveBack.status, giveBack.why);
        // A form whose connection ends at its begin is never read to its end (@hono/node-server 2.1.9).
        const { socket } = (context.env as Partial<HttpBindings> | undefined)?.incoming ?? {};
        socket?.once("close", giveBack);
        if (socket?.destroyed === true) giveBack();
        try {
          const given = await formOf(context);
          if (given === null) return await refuse(400, unreadableForm);
          if (given.form["form"] === signedIn.formToken) return await answer(visit, given.form, given.files);
          return await show(context, 403, { title: "Refused", signedIn, body: said(staleForm, true) });
        } finally {
          socket?.off("close", giveBack);
          giveBack();
        }
      }),
    signedInOf,
    hasSignIn: (context) => signIns.of(cookieOf(context)) !== null,
    signIn: (context, code) => {
      const cookie = signIns.takeCode(code);
      if (cookie === null) return false;
      signIns.signOut(cookieOf(context));
      setCookieTo(context, cookie, signInMs / 1000);
      return true;
    },
    signOut: (context) => {
      signIns.signOut(cookieOf(context));
      setCookieTo(context, "", 0);
    },
  };
};

const staleForm = "This form is of an earlier sign-in. Nothing was done: read the page anew.";

const unreadableForm =
  "Not sent: this form cannot be read. The name of a file may have a quotation mark or a line break.";

export const show = async (
  context: Context,
  status: 200 | 400 | 403 | 404 | 409 | 413 | 503,
  options: PageOptions,
): Promise<Response> => {
  const waits = options.signedIn === null ? 0 : await options.signedIn.waits();
  // Of a text the server knows the length. The `String` object of a template it would read from a stream.
  return context.html(String(await page(options, waits)), status);
};

/**
 * The texts of a form by their names, and its files; null if it cannot be read. A file input without a choice sends an
 * empty file without a name.
 */
export const formOf = async (
  context: Context,
): Promise<{ readonly form: Form; readonly files: readonly File[] } | null> => {
  const parsed = await context.req.parseBody({ all: true }).catch((error: unknown) => {
    if (error instanceof TypeError) return null;
    throw error;
  });
  if (parsed === null) return null;
  const body = Object.entries(parsed);
  return {
    form: Object.fromEntries(
      body.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    ),
    files: body
      .flatMap(([, value]) => value)
      .filter((value): value is File => typeof value !== "string" && value.name !== ""),
  };
};
