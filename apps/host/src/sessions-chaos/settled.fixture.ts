import { expect, vi } from "vitest";
import { centralRowsIn, sessionRowsIn } from "./session-rows.fixture.ts";
import type { Town } from "./town.fixture.ts";

/** Waits until all approvals, restarts and notes are done and all messages are answered. */
export const settled = async (town: Pick<Town, "dataDir" | "database">): Promise<void> => {
  await vi.waitFor(
    async () => {
      const { approvals, intents, lines, notes } = await centralRowsIn(town);
      const replies = new Set(lines.map(({ in_reply_to }) => in_reply_to));
      expect({
        approvals: approvals.filter(({ status }) => status === "pending").length,
        intents: intents.filter(({ done_at }) => done_at === null).length,
        notes: notes.filter(({ delivered_at }) => delivered_at === null).length,
        unanswered: (await sessionRowsIn(town))
          .flatMap(({ inbound }) => inbound)
          .filter(({ kind, trigger }) => kind !== "system" && trigger === 1)
          .filter(({ id }) => !replies.has(id))
          .map(({ id, status, tries, content }) => ({ id, status, tries, content })),
      }).toEqual({ approvals: 0, intents: 0, notes: 0, unanswered: [] });
    },
    { timeout: 240_000, interval: 500 },
  );
};
