import { Hono, type Context } from "hono";
import { html } from "hono/html";
import type {
  AnsweredApproval,
  AskedApprovals,
  CardAnswer,
  WantedAnswers,
  WantedApprovals,
} from "@gatehouse/approvals";
import type { CentralStatus, FoundMessage, GroupState, OpenMessages } from "@gatehouse/session-rows";
import type { Args, ResponseFrame } from "@nc/cli-scope";
import type { EventStreams, Topic } from "./event-streams.ts";
import { addAgents, agentTopic } from "./agents.ts";
import { addGroups } from "./groups.ts";
import { bodyBound, ownOrigin, safeHeaders } from "./guards.ts";
import { outcomeOf } from "./pages/answered.ts";
import { decisionsPage, mostDecisions } from "./pages/decisions.ts";
import { groupsPage } from "./pages/groups.ts";
import { healthPage, metricsText, type DoctorResult, type StatusRow } from "./pages/health.ts";
import { mostInBadge, type PageOptions } from "./pages/page.ts";
import { said, type Html } from "./pages/parts.ts";
import { peoplePage } from "./pages/people.ts";
import { sessionPage } from "./pages/session.ts";
import { sessionsPage, type SessionUsage } from "./pages/sessions.ts";
import type { Row } from "./pages/tables.ts";
import { isTalkPath } from "./pages/talk.ts";
import { spans, usageBy, usagePage } from "./pages/usage.ts";
import { waitingPage } from "./pages/waiting.ts";
import { addSearch } from "./search.ts";
import { namesFor } from "./names.ts";
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
  readonly waiting: (wanted: WantedApprovals) => Promise<AskedApprovals>;
  /** How many requests wait for a person, or for the operator (null), up to `bound`. */
  readonly countWaiting: (wanted: {
    readonly userId: string | null;
    readonly bound: number;
  }) => Promise<number>;
  /** What was answered, as far as a person may see it, the newest first. */
  readonly answered: (wanted: WantedAnswers, limit: number) => Promise<readonly AnsweredApproval[]>;
  /** What the host does, in numbers. */
  readonly status: () => Promise<CentralStatus>;
  readonly overview: Overview;
  readonly health: HealthDeps;
  /** True for a command that only reads. */
  readonly isRead: (command: string) => boolean;
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

/** What pages of the operator show beside the rows of commands: each by a few queries. */
export type Overview = {
  readonly groups: () => Promise<readonly GroupState[]>;
  readonly openMessages: () => Promise<readonly OpenMessages[]>;
  readonly usage: () => Promise<SessionUsage>;
  /** The messages of all chats that have a text, the newest first. */
  readonly messages: (text: string, limit: number) => Promise<readonly FoundMessage[]>;
};

/** The host itself, for the operator. */
export type HealthDeps = {
  /** The rows of `gatehouse status`. */
  readonly rows: () => Promise<readonly StatusRow[]>;
  /** What `gatehouse doctor` said last; null if it was not run since the host started. */
  readonly doctor: () => DoctorResult | null;
  /** Runs it. Resolves once the result is kept. */
  readonly runDoctor: () => Promise<void>;
};

/** The pages and forms of the console. Each reads and acts by commands, as the person who is signed in. */
export const consoleApp = (deps: ConsoleDeps): Hono => {
  const app = new Hono();
  const { visited, posted, signedInOf, hasSignIn, signIn, signOut } = visits({
    ...deps,
    waits: (userId) => deps.countWaiting({ userId, bound: mostInBadge + 1 }),
  });

  const ask = ({ signedIn }: Visit, command: string, args: Args = {}): Promise<ResponseFrame> =>
    deps.answerAs(signedIn.userId, command, args);

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

  const waiting = async (
    { signedIn, context }: Visit,
    told: Html | null = null,
    status: 200 | 409 = 200,
    answered: readonly AnsweredApproval[] | null = null,
  ) => {
    const { userId } = signedIn;
    const { approvals, more } = await deps.waiting({ userId });
    const body = waitingPage(
      { approvals, more, answered: answered ?? (await deps.answered({ userId }, mostAnswered)) },
      signedIn,
    );
    return show(context, status, {
      title: "Waiting",
      section: "/waiting",
      signedIn,
      count: approvals.length + more,
      live: "waiting",
      body: told === null ? body : html`${told}${body}`,
    });
  };
  app.get(
    "/waiting",
    visited(async (visit) => {
      const { userId } = visit.signedIn;
      const id = visit.context.req.query("answered");
      if (id === undefined) return waiting(visit);
      const answered = await deps.answered({ userId }, mostAnswered);
      const own = answered.find((one) => one.id === id);
      return waiting(visit, own === undefined ? null : said(outcomeOf(own, userId)), 200, answered);
    }),
  );
  // The address of a page that says why an answer did not count.
  app.get(
    "/waiting/:card",
    visited((visit) => waiting(visit)),
  );
  app.post(
    "/waiting/:card",
    posted(async (visit, form) => {
      const cardId = visit.context.req.param("card") ?? "";
      const { option = "", seen = "", back = "" } = form;
      const words = wordsIn(form, option);
      const given = { cardId, option, seen, ...(words === "" ? {} : { words }) };
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

  const lists: Readonly<Record<string, (visit: Visit) => Promise<Html>>> = {
    Groups: async (visit) => {
      const list = await ask(visit, "groups-list");
      if (!list.ok || !isOperator(visit)) return groupsPage({ list, states: [], used: [], limits: [] });
      return groupsPage({
        list,
        states: await deps.overview.groups(),
        used: rowsOf(await ask(visit, "usage-list", { days: 1 })),
        limits: rowsOf(await ask(visit, "usage-limits")),
      });
    },
    Sessions: async (visit) => {
      const chosen = chosenIn(visit, ["agent_group_id", "status"]);
      const isShown = isOperator(visit);
      return sessionsPage({
        list: await ask(visit, "sessions-list", chosen),
        groups: rowsOf(await ask(visit, "groups-list")),
        chosen,
        open: isShown ? await deps.overview.openMessages() : [],
        usage: isShown ? await deps.overview.usage() : { currency: null, bySession: new Map() },
      });
    },
    People: async (visit) =>
      peoplePage({
        users: await ask(visit, "users-list"),
        roles: rowsOf(await ask(visit, "roles-list", { limit: mostRead })),
        members: rowsOf(await ask(visit, "members-list", { limit: mostRead })),
      }),
    Decisions: async (visit) => {
      const chosen = chosenIn(visit, ["since", "until", "actor"]);
      const hasReads = visit.context.req.query("reads") === "1";
      const limit = hasReads ? mostDecisions : mostRead;
      const list = await ask(visit, "decisions-list", { ...chosen, limit });
      const names = await namesFor(deps.answerAs, visit.signedIn.userId);
      return decisionsPage({ list, isRead: deps.isRead, chosen, hasReads, names });
    },
  };
  for (const [title, list] of Object.entries(lists)) {
    const section = `/${title.toLowerCase()}`;
    app.get(
      section,
      visited(async (visit) =>
        show(visit.context, 200, { title, section, signedIn: visit.signedIn, body: await list(visit) }),
      ),
    );
  }
  addGroups(app, { visited, posted, answerAs: deps.answerAs });

  app.get(
    "/sessions/:id",
    visited(async (visit) => {
      const { signedIn, context } = visit;
      const id = context.req.param("id") ?? "";
      const session = await ask(visit, "sessions-get", { id });
      const groupId = session.ok ? (session.data as Row)["agent_group_id"] : null;
      const body = sessionPage({
        session,
        messages: await ask(visit, "sessions-messages", { id }),
        group: typeof groupId === "string" ? await ask(visit, "groups-get", { id: groupId }) : null,
      });
      return show(context, 200, { title: "Session", section: "/sessions", signedIn, body });
    }),
  );

  addAgents(app, { visited, posted, dataDir: deps.dataDir, answerAs: deps.answerAs });
  addSearch(app, { visited, ...deps });
  app.get(
    "/usage",
    visited(async (visit) => {
      const days = spans.find((span) => String(span) === visit.context.req.query("days")) ?? 30;
      const by = usageBy.find((one) => one === visit.context.req.query("by")) ?? "group";
      const list = await ask(visit, "usage-list", { days, by });
      const limits = await ask(visit, "usage-limits");
      const body = usagePage({ list, limits, days, by, now: deps.now() });
      return show(visit.context, 200, { title: "Usage", section: "/usage", signedIn: visit.signedIn, body });
    }),
  );

  const health = async (visit: Visit): Promise<Response> => {
    const { signedIn, context } = visit;
    const body = isOperator(visit)
      ? healthPage(
          {
            status: await deps.status(),
            rows: await deps.health.rows(),
            doctor: deps.health.doctor(),
          },
          signedIn,
        )
      : said("The operator alone sees this.", true);
    return show(context, 200, { title: "Health", section: "/health", signedIn, body });
  };
  app.get("/health", visited(health));
  // The address of a page that says why the checks were not run.
  app.get("/health/doctor", visited(health));
  app.post(
    "/health/doctor",
    posted(async (visit) => {
      if (!isOperator(visit)) return health(visit);
      await deps.health.runDoctor();
      return visit.context.redirect("/health", 303);
    }),
  );

  app.notFound(async (context) => {
    const signedIn = await signedInOf(context);
    return show(context, 404, {
      ...notThere,
      signedIn: signedIn === null ? null : { ...signedIn, waits: () => Promise.resolve(0) },
    });
  });
  return app;
};

/** Most answered cards below those that wait. */
const mostAnswered = 20;

/** Most rows that are read for a page that shows some of them. */
const mostRead = 2_000;

const isOperator = ({ signedIn }: Visit): boolean => signedIn.userId === null;

/** The rows of an answer; none for a reader who may not have them. */
const rowsOf = <R = Row>(frame: ResponseFrame): readonly R[] =>
  frame.ok ? (frame.data as readonly R[]) : [];

/** Most topics of a stream: pages of one browser that show different things. */
const mostTopics = 64;

const metricsType = "text/plain; version=0.0.4; charset=utf-8";

const wrongCode = "This code is wrong, used, or older than a minute. For another: gatehouse console";
const notThere = { title: "Not found", body: said("There is no such page.", true) } as const;

const signInPage = (told?: string): PageOptions => ({
  title: "Sign in",
  signedIn: null,
  body: html`<div class="box door">
    <h1>Sign in</h1>
    ${told === undefined ? "" : said(told, true)}
    <p>On the host's machine, <code>gatehouse console</code> prints a link, and a code to type here.</p>
    <form id="sign-in" class="list" method="post" action="/sign-in">
      <label>Code <input type="text" name="code" autocomplete="off" spellcheck="false" required /></label>
      <div><button class="primary">Sign in</button></div>
    </form>
  </div>`,
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

/**
 * The words of a person beside an option. Words that were typed beside another one count, too: an option without words then
 * answers nothing.
 */
const wordsIn = (form: Readonly<Record<string, string>>, option: string): string =>
  [
    form[`words-${option}`],
    form["words"],
    ...Object.entries(form).map(([name, text]) => (name.startsWith("words-") ? text : "")),
  ]
    .map((text = "") => text.trim())
    .find((text) => text !== "") ?? "";

/** The filters of an address that have a value. */
const chosenIn = ({ context }: Visit, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = context.req.query(name)?.trim() ?? "";
      return value === "" ? [] : [[name, value] as const];
    }),
  );
