import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { boundedStrangers, boundHandshakes, handshakeMs, type TlsFiles } from "@gatehouse/socket-server";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { consoleApp, type ConsoleDeps } from "./console-app.ts";
import { consoleCertificate, leastTls, type ConsoleCertificate } from "./console-certificate.ts";
import type { HostDeps } from "./host-deps.ts";
import { eventStreams } from "./event-streams.ts";
import { inviteCommand } from "./invite.ts";
import { signIns } from "./sign-ins.ts";

export type ConsoleOptions = HostDeps & {
  /** Without TLS an address of this machine alone: on a network, a cookie could be read. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tls?: TlsFiles;
  /** Called with a sentence for the operator. */
  readonly say: (text: string) => void;
  /** Called with bugs. */
  readonly report: (error: unknown) => void;
};

/** A console, whose command exists before it is served. */
export type Console = {
  /** `console invite`, for the operator. */
  readonly command: ReturnType<typeof inviteCommand>;
  /** Serves the pages. Returns the console's address. */
  readonly serve: (options: ConsoleOptions) => Promise<Result<string, ConsoleError>>;
  /** Something may have changed: open pages look. */
  readonly nudge: () => void;
  readonly close: () => Promise<void>;
};

/** Why the console cannot be served. */
type ConsoleError = { readonly code: string; readonly message: string; readonly fix: string };

/** All connections, with unfinished handshakes: more than the bounds below allow, so that the newest is never refused. */
const mostConnections = 4_096;

/** Most connections that have shown no sign-in, and of one address by TLS. One more ends the oldest. */
const [mostStrangers, mostOfAddress] = [256, 64];

/** Most connections of browsers that are signed in, and of one person. A browser opens six. One more ends the oldest. */
const [mostKnown, mostOfPerson] = [2_048, 64];

/** Times in which a request has to arrive, ms. Node looks at them by default every 30 s. */
const times = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 };

/** Makes the console of one host. */
export const makeConsole = (report: (error: unknown) => void): Console => {
  const kept = signIns(Date.now);
  const streams = eventStreams(report);
  let server: Server | TlsServer | null = null;
  /** Null until it is served. A renewed certificate may have another name. */
  let address = (): string | null => null;
  let endHandshakes = (): void => {};
  return {
    command: inviteCommand({ invite: kept.invite, address: () => address() }),
    serve: async ({ host, port, tls, say, ...deps }) => {
      const named = host.includes(":") ? `[${host}]` : host;
      const certificate = tls === undefined ? null : await consoleCertificate(tls, host, say);
      if (certificate?.ok === false) return certificate;
      let open = port;
      const scheme = certificate === null ? "http" : "https";
      const origins = (): readonly string[] => {
        const names = certificate?.value.names() ?? [named, "localhost", "127.0.0.1"];
        return [...new Set(names.map((name) => new URL(`${scheme}://${name}:${open}`).origin))];
      };
      // All browsers of this machine have one address.
      const strangers = boundedStrangers(mostStrangers, tls === undefined ? mostStrangers : mostOfAddress);
      const persons = boundedStrangers(mostKnown, mostOfPerson);
      const known: ConsoleDeps["known"] = ({ env }, { userId }) => {
        const { socket } = (env as HttpBindings).incoming;
        strangers.known(socket);
        persons.add(socket, userId ?? "");
      };
      const app = consoleApp({ ...deps, origins, signIns: kept, streams, known });
      app.onError((error, context) => {
        report(error);
        return context.text("The host failed at this. Its log has the cause.\n", 500);
      });
      const made = certificate === null ? plainServer(app.fetch) : tlsServer(app.fetch, certificate.value);
      if (certificate !== null) endHandshakes = boundHandshakes(made as TlsServer);
      made.on(certificate === null ? "connection" : "secureConnection", (socket: Socket) =>
        strangers.add(socket),
      );
      made.maxConnections = mostConnections;
      server = made;
      const problem = await listen(made, host, port);
      if (problem !== null) return fail(unlistened(`${named}:${port}`, problem));
      open = (made.address() as AddressInfo).port;
      address = () => origins()[0] ?? null;
      return ok(address() ?? "");
    },
    nudge: streams.nudge,
    close: async () => {
      streams.close();
      if (server === null) return;
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()));
      server.closeAllConnections();
      endHandshakes();
      await closed;
    },
  };
};

type Fetch = ReturnType<typeof consoleApp>["fetch"];

const plainServer = (fetch: Fetch): Server => createAdaptorServer({ fetch, serverOptions: times }) as Server;

const tlsServer = (fetch: Fetch, certificate: ConsoleCertificate): TlsServer => {
  const { cert, key } = certificate.present();
  const server = createAdaptorServer({
    fetch,
    createServer: createTlsServer,
    serverOptions: { ...times, cert, key, minVersion: leastTls, handshakeTimeout: handshakeMs },
  }) as TlsServer;
  certificate.follow(server);
  return server;
};

const unlistened = (at: string, problem: string): ConsoleError => ({
  code: "console-not-served",
  message: `The console cannot listen on ${at}: ${problem}.`,
  fix: "name another port with --console, or an address of this machine",
});

const listen = (server: Server | TlsServer, host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    server.once("error", (error) => resolve(systemCode(error)));
    server.listen(port, host, () => resolve(null));
  });
