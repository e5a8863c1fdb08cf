import type { CentralTables } from "@gatehouse/central-database";
import type { Failure } from "@gatehouse/cli-kit";
import type { Console } from "@gatehouse/console";
import { hostDeps } from "@gatehouse/console/host-deps";
import type { TlsFiles } from "@gatehouse/socket-server";
import type { CentralCommandHost, Transports } from "@gatehouse/dispatch";
import type { PostgresAddress } from "@gatehouse/postgres";
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
  const shown = database?.shown ?? null;
  const health = {
    rows: () => statusRows(reading, { dataDir, env: process.env, version, database: shown }),
    doctor: doctor.last,
    runDoctor: doctor.run,
  };
  return door.serve({
    ...hostDeps({ dataDir, health, now, reading, commands: host.commands, transports }),
    ...(at ?? { host: "127.0.0.1", port: 0 }),
    say,
    report,
  });
};
