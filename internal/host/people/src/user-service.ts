import { fail, ok } from "@gatehouse/std";
import { stat } from "node:fs/promises";
import process from "node:process";
import type { Kysely } from "kysely";
import type { CheckModel } from "@gatehouse/agent-clis";
import type { CentralTables } from "@gatehouse/central-database";
import { onHangUp } from "@gatehouse/cli-kit";
import type { IntentHandler } from "@gatehouse/intents";
import { loadUsersFile } from "@nc/user-wizard/node";
import { renderReport, type ReloadReport } from "./reload-report.ts";
import { diffPeople, userMapOf } from "./user-map.ts";
import { openUsers, type Users, type UserSessions, type UsersOptions } from "./reload-users.ts";

export type UserServiceOptions = Pick<UsersOptions, "log" | "accountProblem"> & {
  readonly db: Kysely<CentralTables>;
  readonly dataDir: string;
  readonly usersFile: string;
  readonly sessions: UserSessions;
  /** Asks the CLI of a provider about a model. */
  readonly checkModel: CheckModel;
  /** Called with the report of each reload by SIGHUP or `host.sock`: a few lines. */
  readonly say: (text: string) => void;
  readonly report: (error: unknown) => void;
};

/** The users of a starting host, after users.yaml was read once. */
export type UserService = Pick<Users, "reload" | "current"> & {
  /** The report of the first reload for the operator; empty if there is nothing to report. */
  readonly notes: readonly string[];
  /** Reloads, and calls `say`. */
  reloadAloud(): Promise<ReloadReport>;
  /** Reloads at each SIGHUP from now on, and at once if one came before. */
  listen(): void;
  /** Whether the running users are those of users.yaml as it is now. */
  isApplied(): Promise<boolean>;
  /** Stops reloading, after the current reload. */
  close(): Promise<void>;
};

/** Reads users.yaml once, and returns the service that reloads it. */
export const startUsers = async (options: UserServiceOptions): Promise<UserService> => {
  const { db, dataDir, usersFile, sessions, checkModel, accountProblem, log, say, report } = options;
  const service = await serviceUidOf(dataDir);
  const users = await openUsers({
    db,
    dataDir,
    usersFile,
    service,
    sessions,
    checkModel,
    accountProblem,
    log,
    report,
  });
  const first = await users.reload();
  let unsubscribe = (): void => {};
  const { reload, current } = users;
  const reloadAloud = async (): Promise<ReloadReport> => {
    const about = await reload();
    say(renderReport(about));
    return about;
  };
  return {
    reload,
    reloadAloud,
    current,
    notes: isQuiet(first) ? [] : [renderReport(first)],
    listen: () => {
      unsubscribe = onHangUp(() => void reloadAloud().catch(report));
    },
    isApplied: async () => {
      const loaded = await loadUsersFile(usersFile, service);
      if (!loaded.ok) return false;
      const { added, changed, removed } = diffPeople(current(), userMapOf(loaded.value));
      return added.length + changed.length + removed.length === 0;
    },
    close: async () => {
      unsubscribe();
      await users.idle();
    },
  };
};

const isQuiet = ({ ok, applied, ignored, needsRestart }: ReloadReport): boolean =>
  ok && applied.length + ignored.length + needsRestart.length === 0;

/**
 * The uid of the host's account. users.yaml has to belong to this account or root. A host that root starts acts for
 * the data folder's owner, who has access to its whole database anyway.
 */
const serviceUidOf = async (dataDir: string): Promise<number> => {
  const own = process.geteuid?.() ?? 0;
  return own === 0 ? (await stat(dataDir)).uid : own;
};

/**
 * Makes the handler of the intent `reload`, for `users reload`. It is idempotent: a change that was applied is no
 * difference in the next reload.
 */
export const reloadHandler =
  (reload: () => Promise<ReloadReport>): IntentHandler<"reload"> =>
  async () => {
    const report = await reload();
    return report.ok
      ? ok({ data: report, human: renderReport(report) })
      : fail({ code: "handler-error", message: renderReport(report) });
  };
