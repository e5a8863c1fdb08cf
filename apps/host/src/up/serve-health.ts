import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { Failure } from "@gatehouse/cli-kit";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** Where a host says whether it works. Port 0 means any free port. */
export type HealthAddress = { readonly host: string; readonly port: number };

type HealthOptions = HealthAddress & {
  readonly db: Kysely<CentralTables>;
  /** For tests. */
  readonly withinMs?: number;
};

export type Health = { readonly port: number; readonly close: () => Promise<void> };

/** The database has to answer in this time, ms. */
const usualMs = 2_000;

/** Most connections. The answer is the same for all of them. */
const mostConnections = 64;

/** A slow caller keeps no connection for longer, ms. */
const requestMs = 5_000;

/**
 * Serves two pages for a watcher, such as the kubelet: `/healthz` says that this process answers, and `/readyz` that its
 * database answers too, with 503 and a sentence if not. Neither says anything of people or agents. The port goes first when
 * the host stops.
 */
export const serveHealth = async ({
  host,
  port,
  db,
  withinMs = usualMs,
}: HealthOptions): Promise<Result<Health, Failure>> => {
  let asked: Promise<string | null> | null = null;
  /** Why the database does not answer; null if it does. Callers at the same time share one question. */
  const problem = (): Promise<string | null> => {
    asked ??= answerOf(db, withinMs).finally(() => (asked = null));
    return asked;
  };
  const server = createServer(
    { requestTimeout: requestMs, headersTimeout: requestMs, keepAliveTimeout: requestMs },
    (request, response) => {
      const say = (status: number, text: string): void =>
        void response.writeHead(status, { "content-type": "text/plain" }).end(`${text}\n`);
      if (request.method !== "GET" && request.method !== "HEAD")
        return say(405, "GET alone is answered here.");
      if (request.url === "/healthz") return say(200, "ok");
      if (request.url !== "/readyz") return say(404, "There are /healthz and /readyz here.");
      void problem().then((why) => (why === null ? say(200, "ok") : say(503, why)));
    },
  );
  server.maxConnections = mostConnections;
  const error = await new Promise<unknown>((resolve) => {
    server.once("error", resolve);
    server.listen(port, host, () => resolve(null));
  });
  if (error !== null)
    return fail({
      code: "health-port",
      message: `The host cannot say at ${host}:${port} whether it works (${systemCode(error)}).`,
      fix: "name another address with --health",
    });
  return ok({
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
};

const answerOf = async (db: Kysely<CentralTables>, withinMs: number): Promise<string | null> => {
  const late = new Promise<string>((resolve) =>
    setTimeout(() => resolve(`The database has not answered within ${withinMs} ms.`), withinMs).unref(),
  );
  const answered = sql`select 1`.execute(db).then(
    () => null,
    () => "The database cannot be used.",
  );
  return Promise.race([answered, late]);
};
