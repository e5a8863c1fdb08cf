import { answeredBy, waitingApprovals } from "@gatehouse/approvals";
import { isServed, openChatFile } from "@gatehouse/channels";
import { chatSocketIn } from "@gatehouse/channels/client";
import type { CentralTables } from "@gatehouse/central-database";
import type { Failure } from "@gatehouse/cli-kit";
import type { Console } from "@gatehouse/console";
import type { TlsFiles } from "@gatehouse/socket-server";
import type { CentralCommandHost, Transports } from "@gatehouse/dispatch";
import { timeOrderedId } from "@gatehouse/command-context";
import { statusOf } from "@gatehouse/session-rows";
import type { Result } from "@gatehouse/std";
import type { Kysely } from "kysely";

/** Where the console listens. Port 0 means any free port. Without TLS it is an address of this machine alone. */
export type ConsoleAddress = { readonly host: string; readonly port: number; readonly tls?: TlsFiles };

type PagesOptions = {
  readonly dataDir: string;
  readonly console?: ConsoleAddress;
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
  { dataDir, console: at, reading, host, transports, say, report }: PagesOptions,
): Promise<Result<string, Failure>> =>
  door.serve({
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
    status: () => statusOf(reading, now()),
    now,
    isServed: (userId) => isServed(reading, userId),
    chats: {
      socketPath: chatSocketIn(dataDir),
      openFile: (place) => openChatFile({ db: reading, now, id: timeOrderedId }, place),
    },
    say,
    report,
  });
