import type { CentralTables } from "@gatehouse/central-database";
import { originOf } from "@gatehouse/session-rows";
import { reportIn, serverFailures, type Undelivered } from "@gatehouse/session-rows/messages";
import { oneLine, parseJson } from "@gatehouse/std";
import type { Kysely } from "kysely";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { placeIn } from "../leased/session-facts.ts";
import type { Sent } from "./outbox.ts";
import { tellChat, tellPlace } from "./tell.ts";

/** Logs the report of a runner, and tells it in the host's words: in the chat of the message in work, else in the session's. */
export const deliverReport = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
): Promise<Sent> => {
  const report = reportIn(message.content);
  if (report === null) return { how: "delivered", platformMessageId: null };
  if (report.report === "conversation-lost") {
    context.log("conversation-lost", { session: session.id });
    await tellReport(context, session, message, "The agent's conversation is lost, so it begins a new one.");
    return { how: "delivered", platformMessageId: null };
  }
  const { server, why } = report;
  const servers = await serversOf(context.central.loop, session.groupId);
  // The name is the agent's own text, unless the group has such a server.
  if (!Object.hasOwn(servers, server)) return { how: "delivered", platformMessageId: null };
  context.log("mcp-server-failed", { session: session.id, server, why });
  const { command } = servers[server] ?? {};
  const program = why === "not-found" && command !== undefined ? `: "${oneLine(command, 200)}"` : "";
  const text = `The MCP server ${server} did not start, so the agent has no tools of it: ${serverFailures[why]}${program}.`;
  await tellReport(context, session, message, text);
  return { how: "delivered", platformMessageId: null };
};

type Servers = Readonly<Record<string, { readonly command?: string }>>;

const serversOf = async (db: Kysely<CentralTables>, groupId: string): Promise<Servers> => {
  const row = await db
    .selectFrom("container_configs")
    .select("mcp_servers")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  return (parseJson(row?.mcp_servers ?? "{}") ?? {}) as Servers;
};

const tellReport = async (
  context: LoopContext,
  session: LeasedSession,
  { id, inReplyTo }: Undelivered,
  text: string,
): Promise<void> => {
  const told = { id: `report-${session.id}-${id}`, text, inReplyTo: null };
  const read = inReplyTo === null ? null : await session.side.read(originOf(inReplyTo));
  const place = read?.ok === true ? placeIn(read.value) : null;
  if (place === null) await tellChat(context, session, told);
  else await tellPlace(context, session, place, told);
};
