import { createAdaptorServer } from "@hono/node-server";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { consoleApp, type ConsoleDeps } from "./console-app.ts";
import { eventStreams } from "./event-streams.ts";
import { inviteCommand } from "./invite.ts";
import { signIns } from "./sign-ins.ts";

export type ConsoleOptions = Omit<ConsoleDeps, "origins" | "signIns" | "streams"> & {
  /** An address of this machine alone. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Called with bugs. */
  readonly report: (error: unknown) => void;
};

/** A console, whose command exists before it is served. */
export type Console = {
  /** `console invite`, for the operator. */
  readonly command: ReturnType<typeof inviteCommand>;
  /** Serves the pages. Returns the console's address. */
  readonly serve: (options: ConsoleOptions) => Promise<Result<string, { readonly message: string }>>;
  /** Something may have changed: open pages look. */
  readonly nudge: () => void;
  readonly close: () => Promise<void>;
};

/** Bounds of the server: connections, and the time in which the head of a request has to arrive, ms. */
const [mostConnections, headersMs, requestMs] = [256, 10_000, 30_000];

/** Makes the console of one host. */
export const makeConsole = (report: (error: unknown) => void): Console => {
  const kept = signIns(Date.now);
  const streams = eventStreams(report);
  let [server, address]: [Server | null, string | null] = [null, null];
  return {
    command: inviteCommand({ invite: kept.invite, address: () => address }),
    serve: async ({ host, port, ...deps }) => {
      const named = host.includes(":") ? `[${host}]` : host;
      const origins = (): readonly string[] => {
        const { port: open } = server?.address() as AddressInfo;
        return [...new Set([named, "localhost", "127.0.0.1"])].map((name) => `http://${name}:${open}`);
      };
      const app = consoleApp({ ...deps, origins, signIns: kept, streams });
      app.onError((error, context) => {
        report(error);
        return context.text("The host failed at this. Its log has the cause.\n", 500);
      });
      const made = createAdaptorServer({
        fetch: app.fetch,
        serverOptions: { headersTimeout: headersMs, requestTimeout: requestMs },
      }) as Server;
      made.maxConnections = mostConnections;
      server = made;
      const problem = await listen(made, host, port);
      if (problem !== null)
        return fail({ message: `The console cannot listen on ${named}:${port}: ${problem}.` });
      address = origins()[0] ?? null;
      return ok(address ?? "");
    },
    nudge: streams.nudge,
    close: async () => {
      streams.close();
      if (server === null) return;
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};

const listen = (server: Server, host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    server.once("error", (error) => resolve(systemCode(error)));
    server.listen(port, host, () => resolve(null));
  });
