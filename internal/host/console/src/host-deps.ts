import type { Kysely } from "kysely";
import { answeredApprovals, answerOf, countWaiting, waitingApprovals } from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import { isServed, openChatFile } from "@gatehouse/channels";
import { chatSocketIn } from "@gatehouse/channels/client";
import { timeOrderedId } from "@gatehouse/command-context";
import type { CentralCommandHost, Transports } from "@gatehouse/dispatch";
import { usageBySession } from "@gatehouse/gateway";
import { readPrices } from "@gatehouse/gateway/prices";
import { groupsInChatsOf } from "@gatehouse/group-setup";
import { findMessages, groupStates, openMessages, statusOf } from "@gatehouse/session-rows";
import type { ConsoleDeps } from "./console-app.ts";

/** The host behind the pages. */
export type HostDeps = Omit<ConsoleDeps, "origins" | "signIns" | "streams" | "known">;

type HostOptions = Pick<ConsoleDeps, "dataDir" | "health" | "now"> & {
  /** For reading alone: what changes goes through commands. */
  readonly reading: Kysely<CentralTables>;
  readonly commands: CentralCommandHost["commands"];
  readonly transports: Pick<Transports, "page">;
};

/** What the pages of a host read and do: by its commands, and by the rooms that own the tables. */
export const hostDeps = ({ dataDir, health, now, reading, commands, transports }: HostOptions): HostDeps => {
  const reads = new Set(commands.flatMap(({ words, effect }) => (effect === "read" ? [words] : [])));
  return {
    dataDir,
    answerAs: (userId, command, args) => transports.page(userId)({ id: "console", command, args }),
    commandOf: (answer) => answerOf(reading, answer),
    waiting: (wanted) => waitingApprovals(reading, commands, now(), wanted),
    countWaiting: (wanted) => countWaiting(reading, commands, now(), wanted),
    answered: (wanted, limit) => answeredApprovals(reading, wanted, limit),
    status: () => statusOf(reading, now()),
    overview: {
      groups: () => groupStates(reading, now()),
      openMessages: () => openMessages(reading),
      usage: async () => {
        const prices = await readPrices(dataDir);
        const currency = prices.ok ? (prices.value?.currency ?? null) : null;
        return { currency, bySession: await usageBySession(reading) };
      },
      messages: (text, limit) => findMessages(reading, text, limit),
    },
    health,
    isRead: (command) => reads.has(command),
    now,
    isServed: (userId) => isServed(reading, userId),
    chats: {
      socketPath: chatSocketIn(dataDir),
      groupsOf: (userId) => groupsInChatsOf(reading, { userId, kind: "local" }),
      openFile: (place) => openChatFile({ db: reading, now, id: timeOrderedId }, place),
    },
  };
};
