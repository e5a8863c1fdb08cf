import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Args, ResponseFrame } from "@nc/cli-scope";
import { page, said, type PageOptions } from "./pages/page.ts";
import { signInMs, type SignedIn, type SignIns } from "./sign-ins.ts";

/** Answers a command, without the id of its frame, as a person; null is the operator. */
export type AnswerAs = (userId: string | null, command: string, args: Args) => Promise<ResponseFrame>;

/** A request of a browser that is signed in. */
export type Visit = { readonly signedIn: SignedIn; readonly context: Context };

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
  readonly known: (context: Context, signedIn: SignedIn) => void;
};

export const visits = ({ origins, isServed, signIns, known }: VisitsOptions): Visits => {
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
    return answer({ signedIn, context });
  };
  return {
    visited,
    posted: (answer) =>
      visited(async (visit) => {
        const { form, files } = await formOf(visit.context);
        const { signedIn, context } = visit;
        if (form["form"] === signedIn.formToken) return answer(visit, form, files);
        return show(context, 403, { title: "Refused", signedIn, body: said(staleForm, true) });
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

export const show = async (
  context: Context,
  status: 200 | 403 | 404 | 409,
  options: PageOptions,
): Promise<Response> => context.html(await page(options), status);

/** The texts of a form by their names, and its files. A file input without a choice sends an empty file without a name. */
export const formOf = async (
  context: Context,
): Promise<{ readonly form: Form; readonly files: readonly File[] }> => {
  const body = Object.entries(await context.req.parseBody({ all: true }));
  return {
    form: Object.fromEntries(
      body.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    ),
    files: body
      .flatMap(([, value]) => value)
      .filter((value): value is File => typeof value !== "string" && value.name !== ""),
  };
};
