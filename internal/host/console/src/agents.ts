import {
  answerHeld,
  connectHeld,
  heldPlaces,
  listHeld,
  screenHeld,
  sendHeld,
  stopHeld,
  type HeldAgent,
  type HeldFailure,
} from "@gatehouse/held-client";
import type { Hono } from "hono";
import { fail, type Result } from "@gatehouse/std";
import type { Topic } from "./event-streams.ts";
import { agentPage, agentsPage } from "./pages/agents.ts";
import { said, type Html } from "./pages/parts.ts";
import type { Row } from "./pages/tables.ts";
import { show, type AnswerAs, type Visit, type Visits } from "./visits.ts";

type AgentsDeps = Pick<Visits, "visited" | "posted"> & {
  readonly dataDir: string;
  readonly answerAs: AnswerAs;
};

/** The person who speaks to an agent here, in its log. */
const by = "operator (console)";

/** How often the screens of an open page are read, ms. */
const screenMs = 1_000;

const find = async (
  dataDir: string,
  id: string,
): Promise<Result<HeldAgent, { readonly message: string }>> => {
  const listed = await listHeld(dataDir);
  if (!listed.ok) return listed;
  const agent = listed.value.agents.find((one) => one.id === id);
  return agent === undefined
    ? fail({ message: "There is no such agent any more." })
    : { ok: true, value: agent };
};

/** The state and the screen of an agent, for an open page. */
export const agentTopic = (dataDir: string, id: string): Topic => ({
  read: async () => {
    const found = await find(dataDir, id);
    return JSON.stringify(found.ok ? [found.value, await screenHeld(dataDir, found.value)] : found);
  },
  follow: ({ check }) => {
    const timer = setInterval(check, screenMs);
    return () => clearInterval(timer);
  },
});

/** Adds the pages of the agents that `gatehouse` holds, for the operator: their screens, and what is said to them. */
export const addAgents = (app: Hono, { visited, posted, dataDir, answerAs }: AgentsDeps): void => {
  const idOf = ({ context }: Visit): string => context.req.param("id") ?? "";
  const shown = (
    visit: Visit,
    body: Html | readonly Html[],
    status: 200 | 404 | 409 = 200,
  ): Promise<Response> =>
    show(visit.context, status, { title: "Agents", section: "/agents", signedIn: visit.signedIn, body });
  /** The operator alone may see an agent's screen: it belongs to no group, so no role of a person covers it. */
  const forOperator = (visit: Visit, answer: () => Promise<Response>): Promise<Response> =>
    visit.signedIn.userId === null ? answer() : shown(visit, said("The operator alone sees this.", true));
  const agent = async (visit: Visit, refused: string | null = null): Promise<Response> => {
    const found = await find(dataDir, idOf(visit));
    if (!found.ok) return shown(visit, said(found.error.message, true), 404);
    const screen = await screenHeld(dataDir, found.value);
    const paint = screen.ok ? await paintOf(heldPlaces(dataDir).socketOf(found.value.id)) : null;
    const body = agentPage(found.value, { screen, paint }, visit.signedIn);
    return refused === null ? shown(visit, body) : shown(visit, [said(refused, true), body], 409);
  };
  app.get(
    "/agents",
    visited((visit) =>
      forOperator(visit, async () => {
        const listed = await listHeld(dataDir);
        if (!listed.ok) return shown(visit, said(listed.error.message, true));
        const running = { status: "active", container_status: "running" };
        const sessions = await answerAs(visit.signedIn.userId, "sessions-list", running);
        return shown(
          visit,
          agentsPage(listed.value.agents, sessions.ok ? (sessions.data as readonly Row[]) : []),
        );
      }),
    ),
  );
  app.get(
    "/agents/:id",
    visited((visit) => forOperator(visit, () => agent(visit))),
  );
  const acts: Readonly<
    Record<
      string,
      (found: HeldAgent, form: Readonly<Record<string, string>>) => Promise<Result<unknown, HeldFailure>>
    >
  > = {
    send: (found, { text = "" }) => sendHeld(dataDir, found, { text: text.replaceAll("\r\n", "\n"), by }),
    answer: (found, { option = "", seen = "" }) => answerHeld(dataDir, found, { option, question: seen, by }),
    stop: (found) => stopHeld(dataDir, found),
  };
  for (const [name, act] of Object.entries(acts)) {
    // The address of a page that says why nothing was done.
    app.get(
      `/agents/:id/${name}`,
      visited((visit) => forOperator(visit, () => agent(visit))),
    );
    app.post(
      `/agents/:id/${name}`,
      posted((visit, form) =>
        forOperator(visit, async () => {
          const found = await find(dataDir, idOf(visit));
          if (!found.ok) return shown(visit, said(found.error.message, true), 404);
          const done = await act(found.value, form);
          if (!done.ok) return agent(visit, done.error.message);
          const to = name === "stop" ? "/agents" : `/agents/${encodeURIComponent(idOf(visit))}`;
          return visit.context.redirect(to, 303);
        }),
      ),
    );
  }
};

/** The time limit of the colours of a screen, ms. Without them it is shown as plain text. */
const paintMs = 2_000;

/** What draws the screen of an agent that runs; null if its holder draws nothing. */
const paintOf = async (socket: string): Promise<string | null> => {
  // A viewer that only reads does not change the size of the screen.
  const viewer = { do: "attach", readOnly: true, columns: 500, rows: 200 };
  const connected = await connectHeld(socket, viewer);
  if (!connected.ok) return null;
  const connection = connected.value;
  const paint = await new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), paintMs);
    connection.onClose(() => resolve(null));
    connection.onLine((line) => {
      if (line["ok"] === false) resolve(null);
      if (typeof line["paint"] !== "string") return;
      clearTimeout(timer);
      resolve(line["paint"]);
    });
  });
  connection.close();
  return paint;
};
