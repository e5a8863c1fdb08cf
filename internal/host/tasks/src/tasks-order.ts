import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { cadence, shortText, timeText } from "./schedule-messages.ts";
import type { Schedule } from "./schedule.ts";

/** A conversation of a group in a chat. */
type GroupChat = { readonly groupId: string; readonly chatId: string };

/** Most tasks in the answer. */
const mostShown = 20;

/** Answers `/tasks`: those of the group whose answers come to this chat, the next one first. */
export const tasksOrder =
  ({ db }: { readonly db: Kysely<CentralTables> }) =>
  async ({ groupId, chatId }: GroupChat): Promise<{ readonly text: string; readonly failed: false }> => {
    const tasks = await db
      .selectFrom("tasks")
      .select(["id", "text", "schedule", "status", "paused_because", "next_at"])
      .where("agent_group_id", "=", groupId)
      .where("messaging_group_id", "=", chatId)
      .where("status", "!=", "ended")
      .orderBy("next_at")
      .orderBy("id")
      .limit(mostShown + 1)
      .execute();
    const lines = tasks.slice(0, mostShown).map(({ id, text, schedule, status, paused_because, next_at }) => {
      const times = JSON.parse(schedule) as Schedule;
      const next = next_at === null ? "" : `; next: ${timeText(Date.parse(next_at), times.zone)}`;
      const state =
        status === "paused" ? `; paused${paused_because === null ? "" : `: ${paused_because}`}` : next;
      return `${shortText(text)}\n  ${cadence(times)}${state} (${id})`;
    });
    if (tasks.length > mostShown) lines.push("and more: ncl tasks list");
    return {
      text: lines.length === 0 ? "No task's answers come to this chat." : lines.join("\n"),
      failed: false,
    };
  };
