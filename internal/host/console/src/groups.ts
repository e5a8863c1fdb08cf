import type { Hono } from "hono";
import { html } from "hono/html";
import type { Args, ResponseFrame } from "@nc/cli-scope";
import { groupPage } from "./pages/group.ts";
import { said, type Html } from "./pages/parts.ts";
import type { LimitRow } from "./pages/usage-rows.ts";
import { show, type AnswerAs, type Visit, type Visits } from "./visits.ts";

type GroupsDeps = Pick<Visits, "visited" | "posted"> & { readonly answerAs: AnswerAs };

/** Adds the page of a group, from which a generation of its configuration can be restored, and a task paused or resumed. */
export const addGroups = (app: Hono, { visited, posted, answerAs }: GroupsDeps): void => {
  const idOf = ({ context }: Visit): string => context.req.param("id") ?? "";
  const group = async (visit: Visit, told: Html | null = null): Promise<Response> => {
    const { signedIn, context } = visit;
    const id = idOf(visit);
    const ask = (command: string, args: Args = { id }): Promise<ResponseFrame> =>
      answerAs(signedIn.userId, command, args);
    const compared = generationsIn(context.req.query());
    const body = groupPage(
      {
        group: await ask("groups-get"),
        config: await ask("groups-config-get"),
        history: await ask("groups-config-history"),
        members: await ask("members-list", { agent_group_id: id }),
        wirings: await ask("wirings-list", { agent_group_id: id }),
        chats: await ask("messaging-groups-list", {}),
        tasks: await ask("tasks-list", { group: id }),
        currency: currencyIn(await ask("usage-limits", {}), id),
        diff: compared === null ? null : await ask("groups-config-diff", { id, ...compared }),
      },
      signedIn,
    );
    return show(context, told === null ? 200 : 409, {
      title: "Group",
      section: "/groups",
      signedIn,
      body: told === null ? body : html`${told}${body}`,
    });
  };
  app.get(
    "/groups/:id",
    visited((visit) => group(visit)),
  );
  for (const verb of ["pause", "resume"])
    app.post(
      `/groups/:id/tasks/${verb}`,
      posted(async (visit, { task = "" }) => {
        const frame = await answerAs(visit.signedIn.userId, `tasks-${verb}`, { id: task });
        return frame.ok
          ? visit.context.redirect(`/groups/${encodeURIComponent(idOf(visit))}#tasks`, 303)
          : group(visit, said(frame.error.message, true));
      }),
    );
  app.post(
    "/groups/:id/rollback",
    posted(async (visit, { to = "", seen = "" }) => {
      const id = idOf(visit);
      const args = {
        id,
        to: Number(to),
        if_generation: Number(seen),
        reason: "rolled back on the console",
      };
      const frame = await answerAs(visit.signedIn.userId, "groups-config-rollback", args);
      return frame.ok
        ? visit.context.redirect(`/groups/${encodeURIComponent(id)}`, 303)
        : group(visit, said(frame.error.message, true));
    }),
  );
};

/** The currency of a group's limits; null without a limit of money, or without prices. */
const currencyIn = (limits: ResponseFrame, id: string): string | null =>
  limits.ok
    ? ((limits.data as readonly LimitRow[]).find((row) => row.agent_group_id === id && row.currency !== null)
        ?.currency ?? null)
    : null;

type Compared = { readonly from?: number; readonly to?: number };

/** The generations that an address compares; null if it compares none. */
const generationsIn = ({ from = "", to = "" }: Readonly<Record<string, string>>): Compared | null =>
  from === "" && to === ""
    ? null
    : { ...(from === "" ? {} : { from: Number(from) }), ...(to === "" ? {} : { to: Number(to) }) };
