import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished } from "vitest";

/** A test's own PostgreSQL server, which the test may stop. */
export type OwnServer = {
  readonly url: string;
  /** Makes another empty database and returns its address. */
  readonly newDatabase: (name: string) => string;
  /** Fails while a process of a killed server still exists. */
  readonly start: () => void;
  /** `immediate` is a crash: nothing is written first. */
  readonly stop: (how: "fast" | "immediate") => void;
  /** Starts it anew as a standby, which only reads. `promote` ends that. */
  readonly demote: () => void;
  readonly promote: () => void;
  /** Asks everybody for a password from now on, by SCRAM. */
  readonly askForPasswords: () => void;
  /** Its running processes of this kind. */
  readonly processes: (kind: ServerProcess) => readonly number[];
};

/** The parent of all, a process that serves a client, or one that does the server's own work. */
export type ServerProcess = "postmaster" | "session" | "helper";

const versions = "/usr/lib/postgresql";

/**
 * Why no own server can be started: it needs PostgreSQL's programs, and root, which may act as postgres. Null
 * if it can.
 */
export const noOwnServer: string | null = !existsSync(versions)
  ? `there is no ${versions}`
  : process.geteuid?.() !== 0
    ? "only root can start a server as the account postgres"
    : null;

/** Starts a server in a folder that is removed after the test. */
export const ownServer = (): OwnServer => {
  const programs = join(versions, readdirSync(versions).toSorted().at(-1) ?? "", "bin");
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-postgres-"));
  const data = join(folder, "data");
  const asPostgres = (program: string, ...args: readonly string[]): void =>
    void execFileSync("runuser", ["-u", "postgres", "--", join(programs, program), ...args], {
      cwd: "/",
      stdio: "ignore",
    });
  execFileSync("chown", ["postgres", folder]);
  execFileSync("chmod", ["755", folder]);
  asPostgres("initdb", "-D", data, "-A", "trust", "--encoding", "UTF8", "--no-sync");
  const pgCtl = (...args: readonly string[]): void => asPostgres("pg_ctl", "-D", data, "-w", ...args);
  // A killed process loses no data that it has written to a file: the system keeps it. So fsync, which only a
  // machine crash needs, would cost time here and add no safety.
  const options = `-c listen_addresses='' -c unix_socket_directories=${folder} -c shared_buffers=16MB -c fsync=off`;
  const urlOf = (name: string): string => `postgresql://postgres@/${name}?host=${folder}`;
  const server: OwnServer = {
    url: urlOf("postgres"),
    newDatabase: (name) => {
      asPostgres("createdb", "--host", folder, name);
      return urlOf(name);
    },
    processes: (kind) => processesOf(data, kind),
    start: () => pgCtl("-l", join(folder, "log"), "-o", options, "start"),
    stop: (how) => pgCtl("-m", how, "stop"),
    demote: () => {
      server.stop("fast");
      writeFileSync(join(data, "standby.signal"), "");
      server.start();
    },
    promote: () => pgCtl("promote"),
    askForPasswords: () => {
      writeFileSync(join(data, "pg_hba.conf"), "local all all scram-sha-256\n");
      pgCtl("reload");
    },
  };
  onTestFinished(() => {
    if (existsSync(join(data, "postmaster.pid"))) server.stop("immediate");
    rmSync(folder, { recursive: true, force: true });
  });
  server.start();
  return server;
};

/** Empty while the server is down. */
const processesOf = (data: string, kind: ServerProcess): readonly number[] => {
  const pidFile = join(data, "postmaster.pid");
  const parent = existsSync(pidFile) ? readFileSync(pidFile, "utf8").split("\n")[0] : "";
  if (!parent || !existsSync(`/proc/${parent}`)) return [];
  if (kind === "postmaster") return [Number(parent)];
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ");
  const isSession = (pid: string): boolean => titleOf(pid).includes("[local]");
  return children.filter((pid) => pid !== "" && isSession(pid) === (kind === "session")).map(Number);
};

/** `postgres: postgres postgres [local] idle`; empty for a process that has ended. */
const titleOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
};
