import { Hono, type Context } from "hono";
import { html } from "hono/html";
import type { CardAnswer, WantedApprovals } from "@gatehouse/approvals";
import type { CentralStatus } from "@gatehouse/session-rows";
import type { WaitingApprovals } from "@gatehouse/std";
import type { Args, ResponseFrame } from "@nc/cli-scope";
import type { EventStreams, Topic } from "./event-streams.ts";
import { addAgents, agentTopic } from "./agents.ts";
import { addGroups } from "./groups.ts";
import { bodyBound, ownOrigin, safeHeaders } from "./guards.ts";
import { healthPage, metricsText } from "./pages/health.ts";
import { said, type Html, type PageOptions } from "./pages/page.ts";
import { tableOf, tablePages, type Row, type TablePage } from "./pages/tables.ts";
import { waitingCards } from "./pages/waiting.ts";
import { sessionPage } from "./pages/session.ts";
import { isTalkPath } from "./pages/talk.ts";
import { spans, usagePage } from "./pages/usage.ts";
import type { SignedIn, SignIns } from "./sign-ins.ts";
import { addTalk, talkTopic, type Chats } from "./talk.ts";
import { formOf, show, visits, type AnswerAs, type Visit } from "./visits.ts";

export type ConsoleDeps = {
  /** The addresses of the console, such as `http://127.0.0.1:7440`. The first one is in links. */
  readonly origins: () => readonly string[];
  /** The folder of the host, in which the agents of `gatehouse launch` are recorded, too. */
  readonly dataDir: string;
  readonly answerAs: AnswerAs;
  /** The command that a person's answer to a card stands for; null if the card has no such option. */
  readonly commandOf: (
    answer: CardAnswer,
  ) => Promise<{ readonly command: string; readonly args: Args } | null>;
  /** What waits for a person, the longest wait first. For the operator, all of it waits. */
  readonly waiting: (wanted: WantedApprovals) => Promise<WaitingApprovals>;
  /** What the host does, in numbers. */
  readonly status: () => Promise<CentralStatus>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** False once a person was removed or refused: the sign-in ends then. */
  readonly isServed: (userId: string) => Promise<boolean>;
  /** Called for each request of a browser that is signed in. */
  readonly known: (context: Context, signedIn: SignedIn) => void;
  readonly chats: Chats;
  readonly signIns: SignIns;
  readonly streams: EventStreams;
};

/** The pages and forms of the console. Each reads and acts by commands, as the person who is signed in. */
export const consoleApp = (deps: ConsoleDeps): Hono => {
  const app = new Hono();
  const { visited, posted, signedInOf, hasSignIn, signIn, signOut } = visits(deps);

  app.use(safeHeaders, ownOrigin(deps.origins), bodyBound);
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/metrics", async (context) =>
    context.text(metricsText(await deps.status(), deps.now()), 200, { "content-type": metricsType }),
  );
  app.get("/", (context) => context.redirect("/waiting", 303));

  app.get("/sign-in", (context) => show(context, 200, signInPage()));
  app.post("/sign-in", async (context) => {
    return signIn(context, (await formOf(context))?.form["code"] ?? "")
      ? context.redirect("/waiting", 303)
      : show(context, 403, signInPage(wrongCode));
  });
  app.post(
    "/sign-out",
    posted(({ context }) => {
      signOut(context);
      return context.redirect("/sign-in", 303);
    }),
  );

  const waiting = async ({ signedIn, context }: Visit, told: Html | null = null, status: 200 | 409 = 200) => {
    const { approvals, more } = await deps.waiting({ userId: signedIn.userId });
    const cards = waitingCards({ approvals, more }, signedIn);
    return show(context, status, {
      title: "Waiting",
      section: "/waiting",
      signedIn,
      count: approvals.length + more,
      live: "waiting",
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
  // The address of a page that says why an answer did not count.
  app.get(
    "/waiting/:card",
    visited((visit) => waiting(visit)),
  );
  app.post(
    "/waiting/:card",
    posted(async (visit, { option = "", words = "", seen = "", back = "" }) => {
      const cardId = visit.context.req.param("card") ?? "";
      const given = { cardId, option, seen, ...(words.trim() === "" ? {} : { words: words.trim() }) };
      const frame = await answerCard(deps, visit.signedIn, given);
      if (!frame.ok) return waiting(visit, said(frame.error.message, true), 409);
      const to = isTalkPath(back) ? back : `/waiting?answered=${encodeURIComponent(cardId)}`;
      return visit.context.redirect(to, 303);
    }),
  );
  /** The topics by the first words of their names. A reader who may not see one hears nothing of it. */
  const topics: Readonly<Record<string, (visit: Visit, rest: string) => Topic | null>> = {
    waiting: ({ signedIn }) => ({
      read: async () => JSON.stringify(await deps.waiting({ userId: signedIn.userId })),
    }),
    talk: (visit, group) => talkTopic({ ...deps, hasSignIn }, visit, group),
    agent: ({ signedIn }, id) => (signedIn.userId === null ? agentTopic(deps.dataDir, id) : null),
  };
  app.get(
    "/events",
    visited((visit) => {
      const named = [...new Set(visit.context.req.queries("of") ?? [])].slice(0, mostTopics);
      const watched = named.flatMap((name) => {
        const [kind = "", ...rest] = name.split(":");
        const topic = Object.hasOwn(topics, kind) ? topics[kind]?.(visit, rest.join(":")) : undefined;
        return topic ? [[name, topic] as const] : [];
      });
      return deps.streams.open(async () => (await signedInOf(visit.context)) !== null, new Map(watched));
    }),
  );
  addTalk(app, { visited, posted, ...deps });

  for (const table of tablePages)
    app.get(
      table.path,
      visited((visit) => tableAnswer(deps, table, visit)),
    );
  addGroups(app, { visited, posted, answerAs: deps.answerAs });

  app.get(
    "/sessions/:id",
    visited(async ({ signedIn, context }) => {
      const id = context.req.param("id") ?? "";
      const body = sessionPage({
        session: await deps.answerAs(signedIn.userId, "sessions-get", { id }),
        messages: await deps.answerAs(signedIn.userId, "sessions-messages", { id }),
      });
      return show(context, 200, { title: "Session", section: "/sessions", signedIn, body });
    }),
  );

  addAgents(app, { visited, posted, dataDir: deps.dataDir });
  app.get(
    "/usage",
    visited(async ({ signedIn, context }) => {
      const days = spans.find((span) => String(span) === context.req.query("days")) ?? 30;
      const list = await deps.answerAs(signedIn.userId, "usage-list", { days });
      const limits = await deps.answerAs(signedIn.userId, "usage-limits", {});
      const body = usagePage({ list, limits, days, now: deps.now() });
      return show(context, 200, { title: "Usage", section: "/usage", signedIn, body });
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

/** Most topics of a stream: pages of one browser that show different things. */
const mostTopics = 64;

const metricsType = "text/plain; version=0.0.4; charset=utf-8";

const wrongCode = "This code is wrong, used, or older than a minute. For another: gatehouse console";
const notThere = { title: "Not found", body: said("There is no such page.", true) } as const;

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

/** The tables whose rows have a page of their own. */
const hasPages = ["/groups", "/sessions"];

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
  const linkOf = hasPages.includes(path)
    ? (row: Row) => `${path}/${encodeURIComponent(String(row["id"]))}`
    : undefined;
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
