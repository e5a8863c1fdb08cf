import { answeredApprovals, answeredBy, countWaiting, waitingApprovals } from "@gatehouse/approvals";
import { isServed, openChatFile } from "@gatehouse/channels";
import { chatSocketIn } from "@gatehouse/channels/client";
import type { CentralTables } from "@gatehouse/central-database";
import type { Failure } from "@gatehouse/cli-kit";
import type { Console } from "@gatehouse/console";
import type { TlsFiles } from "@gatehouse/socket-server";
import type { CentralCommandHost, Transports } from "@gatehouse/dispatch";
import { timeOrderedId } from "@gatehouse/command-context";
import { groupsInChatsOf } from "@gatehouse/group-setup";
import { usageBySession } from "@gatehouse/gateway";
import { readPrices } from "@gatehouse/gateway/prices";
import type { PostgresAddress } from "@gatehouse/postgres";
import { findMessages, groupStates, openMessages, statusOf } from "@gatehouse/session-rows";
import type { Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import process from "node:process";
import { doctorRuns } from "../console/run-doctor.ts";
import { statusRows } from "../status/status-command.ts";

/** Where the console listens. Port 0 means any free port. Without TLS it is an address of this machine alone. */
export type ConsoleAddress = { readonly host: string; readonly port: number; readonly tls?: TlsFiles };

type PagesOptions = {
  readonly dataDir: string;
  readonly version?: string;
  readonly database?: PostgresAddress | null;
  readonly console?: ConsoleAddress;
  /** Further flags for `gatehouse doctor`. */
  readonly doctorFlags?: readonly string[];
  readonly reading: Kysely<CentralTables>;
  readonly host: Pick<CentralCommandHost, "commands">;
  readonly transports: Transports;
  readonly say: (text: string) => void;
  readonly report: (error: unknown) => void;
};

const now = (): string => new Date().toISOString();

/** Serves the console of a host, whose pages read and act by its commands. Returns its address. */
export const servePages = (
  door: Console,
  {
    dataDir,
    version = "",
    database = null,
    console: at,
    doctorFlags = [],
    reading,
    host,
    ...rest
  }: PagesOptions,
): Promise<Result<string, Failure>> => {
  const { transports, say, report } = rest;
  const doctor = doctorRuns(dataDir, doctorFlags, now);
  const reads = new Set(host.commands.flatMap(({ words, effect }) => (effect === "read" ? [words] : [])));
  return door.serve({
    dataDir,
    ...(at ?? { host: "127.0.0.1", port: 0 }),
    answerAs: (userId, command, args) => transports.page(userId)({ id: "console", command, args }),
    commandOf: async (answer) => {
      const approval = await reading
        .selectFrom("pending_approvals")
        .selectAll()
        .where("approval_id", "=", answer.cardId)
        .executeTakeFirst();
      return approval === undefined ? null : answeredBy(reading, approval, answer);
    },
    waiting: (wanted) => waitingApprovals(reading, host.commands, now(), wanted),
    countWaiting: (wanted) => countWaiting(reading, host.commands, now(), wanted),
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
    health: {
      rows: () =>
        statusRows(reading, { dataDir, env: process.env, version, database: database?.shown ?? null }),
      doctor: doctor.last,
      runDoctor: doctor.run,
    },
    isRead: (command) => reads.has(command),
    now,
    isServed: (userId) => isServed(reading, userId),
    chats: {
      socketPath: chatSocketIn(dataDir),
      groupsOf: (userId) => groupsInChatsOf(reading, { userId, kind: "local" }),
      openFile: (place) => openChatFile({ db: reading, now, id: timeOrderedId }, place),
    },
    say,
    report,
  });
};
