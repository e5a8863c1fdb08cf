import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished } from "vitest";

/** A PostgreSQL server of a test's own, which it may stop. */
export type OwnServer = {
  readonly url: string;
  readonly start: () => void;
  /** `immediate` is a crash: nothing is written first. */
  readonly stop: (how: "fast" | "immediate") => void;
};

const versions = "/usr/lib/postgresql";

/** Why there is none: it needs PostgreSQL's programs, and root, who may act as postgres. Null if there is one. */
export const noOwnServer: string | null = !existsSync(versions)
  ? `there is no ${versions}`
  : process.geteuid?.() !== 0
    ? "only root can start a server as the account postgres"
    : null;

/** Starts one in a folder that goes with the test. */
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
  asPostgres("initdb", "-D", data, "-A", "trust", "--no-sync");
  const pgCtl = (...args: readonly string[]): void => asPostgres("pg_ctl", "-D", data, "-w", ...args);
  const options = `-c listen_addresses='' -c unix_socket_directories=${folder} -c shared_buffers=16MB`;
  const server: OwnServer = {
    url: `postgresql://postgres@/postgres?host=${folder}`,
    start: () => pgCtl("-l", join(folder, "log"), "-o", options, "start"),
    stop: (how) => pgCtl("-m", how, "stop"),
  };
  onTestFinished(() => {
    if (existsSync(join(data, "postmaster.pid"))) server.stop("immediate");
    rmSync(folder, { recursive: true, force: true });
  });
  server.start();
  return server;
};
