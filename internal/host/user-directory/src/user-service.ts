import { rm } from "node:fs/promises";
import type { Kysely } from "kysely";
import type { CheckModel } from "@gatehouse/agent-clis";
import type { CentralTables } from "@gatehouse/central-database";
import { onHangUp } from "@gatehouse/cli-kit";
import { renderReport, type ReloadReport } from "./reload-report.ts";
import { openUsers, type Users } from "./reload-users.ts";
import { reportFileIn, writeReport } from "./report-file.ts";
import { serviceUidOf } from "./service-uid.ts";
import type { UserSessions } from "./user-sessions.ts";

export type UserServiceOptions = {
  readonly db: Kysely<CentralTables>;
  readonly dataDir: string;
  readonly usersFile: string;
  readonly sessions: UserSessions;
  /** Asks the CLI of a provider about a model. */
  readonly checkModel: CheckModel;
  /** Called with the report of each reload by SIGHUP: a few lines. */
  readonly say: (text: string) => void;
  readonly report: (error: unknown) => void;
};

/** The users of a starting host, after users.yaml was read once. */
export type UserService = Pick<Users, "reload" | "current"> & {
  /** The report of the first reload for the operator; empty if there is nothing to report. */
  readonly notes: readonly string[];
  /** Reloads at each SIGHUP from now on, and at once if one came before. */
  listen(): void;
  /** Stops reloading, after the current reload. */
  close(): Promise<void>;
};

/** Reads users.yaml once, and returns the service that reloads it. */
export const startUsers = async (options: UserServiceOptions): Promise<UserService> => {
  const { db, dataDir, usersFile, sessions, checkModel, say, report } = options;
  const reportFile = reportFileIn(dataDir);
  const tell = (about: ReloadReport): Promise<void> => writeReport(reportFile, about);
  const service = await serviceUidOf(dataDir);
  const users = await openUsers({ db, usersFile, service, sessions, checkModel, tell, report });
  const first = await users.reload();
  let unsubscribe = (): void => {};
  const { reload, current } = users;
  return {
    reload,
    current,
    notes: isQuiet(first) ? [] : [renderReport(first)],
    listen: () => {
      unsubscribe = onHangUp(() => void reload().then((about) => say(renderReport(about)), report));
    },
    close: async () => {
      unsubscribe();
      await users.idle();
      await rm(reportFile, { force: true });
    },
  };
};

const isQuiet = ({ ok, applied, ignored, needsRestart }: ReloadReport): boolean =>
  ok && applied.length + ignored.length + needsRestart.length === 0;
