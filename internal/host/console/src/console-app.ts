import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { CardAnswer } from "@gatehouse/approvals";
import type { CentralStatus } from "@gatehouse/session-rows";
import type { WaitingApproval, WaitingApprovals } from "@gatehouse/std";
import type { Args, ResponseFrame } from "@nc/cli-scope";
import type { EventStreams } from "./event-streams.ts";
import { ownOrigin, safeHeaders } from "./guards.ts";
import { groupPage, type GroupAnswers } from "./pages/group.ts";
import { healthPage, metricsText } from "./pages/health.ts";
import { page, said, type Html, type PageOptions } from "./pages/page.ts";
import { tableOf, tablePages, type Row, type TablePage } from "./pages/tables.ts";
import { waitingCards } from "./pages/waiting.ts";
import { signInMs, type SignedIn, type SignIns } from "./sign-ins.ts";

/** Answers a command, without the id of its frame, as a person; null is the operator. */
export type AnswerAs = (userId: string | null, command: string, args: Args) => Promise<ResponseFrame>;

export type ConsoleDeps = {
  /** The addresses of the console, such as `http://127.0.0.1:7440`. */
  readonly origins: () => readonly string[];
  readonly answerAs: AnswerAs;
  /** The command that a person's answer to a card stands for; null if the card has no such option. */
  readonly commandOf: (
    answer: CardAnswer,
  ) => Promise<{ readonly command: string; readonly args: Args } | null>;
  /** All that waits for a person, the longest wait first. */
  readonly waiting: () => Promise<WaitingApprovals>;
  /** What the host does, in numbers. */
  readonly status: () => Promise<CentralStatus>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** False once a person was removed or refused: the sign-in ends then. */
  readonly isServed: (userId: string) => Promise<boolean>;
  readonly signIns: SignIns;
  readonly streams: EventStreams;
};

/** Most bytes of a form. */
const mostFormBytes = 64 * 1024;

type Visit = { readonly signedIn: SignedIn; readonly context: Context };

/** The pages and forms of the console. Each reads and acts by commands, as the person who is signed in. */
export const consoleApp = (deps: ConsoleDeps): Hono => {
  const app = new Hono();
  const cookieName = (): string => `gatehouse-${new URL(deps.origins()[0] ?? "http://console").port}`;
  const cookieOf = (context: Context): string => getCookie(context, cookieName()) ?? "";
  const setSignIn = (context: Context, cookie: string, maxAge: number): void =>
    setCookie(context, cookieName(), cookie, {
      ...{ path: "/", httpOnly: true, sameSite: "Strict", maxAge },
      secure: deps.origins()[0]?.startsWith("https:") === true,
    });
  /** The sign-in of a browser; null also for a person who is served no longer. */
  const signedInOf = async (context: Context): Promise<SignedIn | null> => {
    const cookie = cookieOf(context);
    const signedIn = deps.signIns.of(cookie);
    if (signedIn === null || signedIn.userId === null) return signedIn;
    if (await deps.isServed(signedIn.userId)) return signedIn;
    deps.signIns.signOut(cookie);
    return null;
  };
  /** Answers a signed-in browser; sends any other to the sign-in. */
  const visited =
    (answer: (visit: Visit) => Response | Promise<Response>) =>
    async (context: Context): Promise<Response> => {
      const signedIn = await signedInOf(context);
      return signedIn === null ? context.redirect("/sign-in", 303) : answer({ signedIn, context });
    };
  /** Answers a form of a page that this browser was given. */
  const posted = (
    answer: (visit: Visit, form: Readonly<Record<string, string>>) => Response | Promise<Response>,
  ) =>
    visited(async (visit) => {
      const form = await formOf(visit.context);
      const { signedIn, context } = visit;
      if (form["form"] === signedIn.formToken) return answer(visit, form);
      return show(context, 403, { title: "Refused", signedIn, body: said(staleForm, true) });
    });

  app.use(safeHeaders, ownOrigin(deps.origins), bodyLimit({ maxSize: mostFormBytes }));
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/metrics", async (context) =>
    context.text(metricsText(await deps.status(), deps.now()), 200, { "content-type": metricsType }),
  );
  app.get("/", (context) => context.redirect("/waiting", 303));

  app.get("/sign-in", (context) => show(context, 200, signInPage()));
  app.post("/sign-in", async (context) => {
    const cookie = deps.signIns.takeCode((await formOf(context))["code"] ?? "");
    if (cookie === null) return show(context, 403, signInPage(wrongCode));
    deps.signIns.signOut(cookieOf(context));
    setSignIn(context, cookie, signInMs / 1000);
    return context.redirect("/waiting", 303);
  });
  app.post(
    "/sign-out",
    posted(({ context }) => {
      deps.signIns.signOut(cookieOf(context));
      setSignIn(context, "", 0);
      return context.redirect("/sign-in", 303);
    }),
  );

  const waiting = async ({ signedIn, context }: Visit, told: Html | null = null, status: 200 | 409 = 200) => {
    const approvals = await waitingFor(deps, signedIn);
    const cards = waitingCards(approvals, signedIn);
    return show(context, status, {
      ...{ title: "Waiting", section: "/waiting", signedIn, count: approvals.length, live: "/events" },
      body: told === null ? cards : html`${told}${cards}`,
    });
  };
  app.get(
    "/waiting",
    visited(async (visit) => {
      const answered = visit.context.req.query("answered");
      const told = answered === undefined ? null : await outcomeOf(deps, visit.signedIn, answered);
      return waiting(visit, told);
    }),
  );
  app.post(
    "/waiting/:card",
    posted(async (visit, { option = "", words = "", seen = "" }) => {
      const cardId = visit.context.req.param("card") ?? "";
      const given = { cardId, option, seen, ...(words.trim() === "" ? {} : { words: words.trim() }) };
      const frame = await answerCard(deps, visit.signedIn, given);
      if (!frame.ok) return waiting(visit, said(frame.error.message, true), 409);
      return visit.context.redirect(`/waiting?answered=${encodeURIComponent(cardId)}`, 303);
    }),
  );
  app.get(
    "/events",
    visited(({ signedIn, context }) => {
      const read = async (): Promise<string | null> =>
        (await signedInOf(context)) === null ? null : JSON.stringify(await waitingFor(deps, signedIn));
      return deps.streams.open(read);
    }),
  );

  for (const table of tablePages)
    app.get(
      table.path,
      visited((visit) => tableAnswer(deps, table, visit)),
    );
  const group = async (visit: Visit, told: Html | null = null, status: 200 | 409 = 200) => {
    const { signedIn, context } = visit;
    const id = context.req.param("id") ?? "";
    const ask = (command: string): Promise<ResponseFrame> => deps.answerAs(signedIn.userId, command, { id });
    const answers: GroupAnswers = {
      group: await ask("groups-get"),
      config: await ask("groups-config-get"),
      history: await ask("groups-config-history"),
    };
    const body = groupPage(answers, signedIn);
    return show(context, status, {
      ...{ title: "Group", section: "/groups", signedIn },
      body: told === null ? body : html`${told}${body}`,
    });
  };
  app.get(
    "/groups/:id",
    visited((visit) => group(visit)),
  );
  app.post(
    "/groups/:id/rollback",
    posted(async (visit, { to = "" }) => {
      const id = visit.context.req.param("id") ?? "";
      const args = { id, to: Number(to), reason: "rolled back on the console" };
      const frame = await deps.answerAs(visit.signedIn.userId, "groups-config-rollback", args);
      return frame.ok
        ? visit.context.redirect(`/groups/${encodeURIComponent(id)}`, 303)
        : group(visit, said(frame.error.message, true), 409);
    }),
  );

  app.get(
    "/health",
    visited(async ({ signedIn, context }) => {
      const body =
        signedIn.userId === null
          ? healthPage(await deps.status())
          : said("The operator alone sees this.", true);
      return show(context, 200, { title: "Health", section: "/health", signedIn, body });
    }),
  );

  app.notFound(async (context) => show(context, 404, { ...notThere, signedIn: await signedInOf(context) }));
  return app;
};

const metricsType = "text/plain; version=0.0.4; charset=utf-8";

const staleForm = "This form is of an earlier sign-in. Nothing was done: read the page anew.";
const wrongCode = "This code is wrong, used, or older than a minute. For another: gatehouse console";
const notThere = { title: "Not found", body: said("There is no such page.", true) } as const;

const show = async (
  context: Context,
  status: 200 | 403 | 404 | 409,
  options: PageOptions,
): Promise<Response> => context.html(await page(options), status);

const signInPage = (told?: string): PageOptions => ({
  title: "Sign in",
  signedIn: null,
  body: html`<h1>Sign in</h1>
    ${told === undefined ? "" : said(told, true)}
    <p>On the host's machine, <code>gatehouse console</code> prints a link, and a code to type here.</p>
    <form id="sign-in" method="post" action="/sign-in">
      <label>Code <input type="text" name="code" autocomplete="off" spellcheck="false" required /></label>
      <p><button>Sign in</button></p>
    </form>`,
});

/** The texts of a form; files are left out. */
const formOf = async (context: Context): Promise<Readonly<Record<string, string>>> => {
  const body = await context.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
};

/** The approvals that the reader may answer. The operator may answer all. */
const waitingFor = async (
  { waiting }: ConsoleDeps,
  { userId }: SignedIn,
): Promise<readonly WaitingApproval[]> => {
  const { approvals } = await waiting();
  return userId === null ? approvals : approvals.filter(({ mayAnswer }) => mayAnswer.includes(userId));
};

/** Answers a card as the person who has read it. */
const answerCard = async (
  { answerAs, commandOf }: ConsoleDeps,
  { userId }: SignedIn,
  given: CardAnswer,
): Promise<ResponseFrame> => {
  const answer = await commandOf(given);
  if (answer !== null) return answerAs(userId, answer.command, answer.args);
  const message =
    given.words === undefined
      ? `${given.cardId} has no option ${JSON.stringify(given.option)} without words. Nothing was answered.`
      : `The option ${JSON.stringify(given.option)} of ${given.cardId} takes no words. Nothing was answered.`;
  return { id: "", ok: false, error: { code: "invalid-args", message } };
};

/** How an approval ended, for the person who has just answered it. */
const outcomeOf = async (
  { answerAs }: ConsoleDeps,
  { userId }: SignedIn,
  id: string,
): Promise<Html | null> => {
  const frame = await answerAs(userId, "approvals-get", { id });
  if (!frame.ok) return null;
  const { status, command, answered_by: by } = frame.data as Row;
  return said(`${id} (${String(command)}): ${String(status)}${by == null ? "" : ` by ${String(by)}`}.`);
};

const tableAnswer = async (
  { answerAs }: ConsoleDeps,
  { path, title, command, filters, columns, empty }: TablePage,
  { signedIn, context }: Visit,
): Promise<Response> => {
  const asked = filters.flatMap((name) => {
    const value = context.req.query(name)?.trim() ?? "";
    return value === "" ? [] : [[name, value] as const];
  });
  const frame = await answerAs(signedIn.userId, command, Object.fromEntries(asked));
  const linkOf =
    path === "/groups" ? (row: Row) => `/groups/${encodeURIComponent(String(row["id"]))}` : undefined;
  const body = html`<h1>${title}</h1>
    ${filters.length === 0 ? "" : filterForm(path, filters, Object.fromEntries(asked))}
    ${
      frame.ok
        ? tableOf({ title, columns, empty }, frame.data as readonly Row[], linkOf)
        : said(frame.error.message, true)
    }`;
  return show(context, 200, { title, section: path, signedIn, body });
};

const filterForm = (
  path: string,
  filters: readonly string[],
  values: Readonly<Record<string, string>>,
): Html =>
  html`<form class="options" method="get" action="${path}">
    ${filters.map(
      (name) =>
        html`<label
          >${name.replaceAll("_", " ")}
          <input type="text" name="${name}" value="${values[name] ?? ""}" autocomplete="off"
        /></label>`,
    )}
    <button>Filter</button>
  </form>`;
