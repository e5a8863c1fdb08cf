import type { Socket } from "node:net";
import { lineSocket, listenOnSocket } from "@gatehouse/socket-server";
import { chatConnection, type ChatConnection } from "./chat-connection.ts";
import type { ChatHost } from "./chat-host.ts";
import { refusedOf } from "./find-speaker.ts";
import { maxLineBytes, type ShownWriting } from "./frames.ts";
import { lastOut } from "./transcript.ts";

/** Most simultaneous clients. */
const maxClients = 128;

/**
 * Most further clients that are told that there are too many. Connections beyond these are dropped without a
 * reply.
 */
const maxRefused = 16;

/**
 * Interval of the checks for messages that another host wrote to our clients' chats, and for refused clients, ms. A host
 * alone checks idle clients only: every frame and every message to a client is checked anyway.
 */
const [sharedMs, aloneMs] = [1_000, 30_000];

export type ChatServerOptions = {
  readonly socketPath: string;
  readonly host: ChatHost;
  /** Other hosts write to the same chats. */
  readonly isShared: boolean;
  readonly report: (error: unknown) => void;
};

/** The clients of a channel. */
export type ChatServer = {
  /** Throws if it cannot listen on the socket. */
  readonly listen: () => Promise<void>;
  /** Shows new messages of a chat to its clients. */
  readonly written: (chat: string) => void;
  /** Shows what an agent is writing in a chat to its clients. */
  readonly writing: (writing: ShownWriting) => void;
  /** Ends all connections. Afterwards none of them uses the database. */
  readonly close: () => Promise<void>;
};

export const chatServer = ({ socketPath, host, isShared, report }: ChatServerOptions): ChatServer => {
  const clients = new Set<ChatConnection>();
  /** What closed connections still do. */
  const leaving = new Set<Promise<void>>();
  let stop = async (): Promise<void> => {};
  const accept = (socket: Socket): void => {
    if (clients.size >= maxClients) return refuseOneMore(socket);
    const client = chatConnection(socket, host);
    clients.add(client);
    socket.once("close", () => {
      clients.delete(client);
      const left = client.idle().finally(() => leaving.delete(left));
      leaving.add(left);
    });
  };
  return {
    written: (chat) => {
      for (const client of clients) client.nudge(chat);
    },
    writing: (writing) => {
      for (const client of clients) client.writing(writing);
    },
    listen: async () => {
      const maxConnections = maxClients + maxRefused;
      const listening = await listenOnSocket({ path: socketPath, maxConnections, accept, report });
      if (!listening.ok) throw new Error(`No chat can be served: ${JSON.stringify(listening.error)}`);
      let looking: Promise<void> | null = null;
      const timer = setInterval(
        () => {
          looking ??= dismissRefused(clients, host)
            .then(() => (isShared ? nudgeBehind(clients, host) : undefined))
            .catch(report)
            .finally(() => (looking = null));
        },
        isShared ? sharedMs : aloneMs,
      );
      stop = async () => {
        clearInterval(timer);
        const closed = listening.value.close();
        const ending = [...clients].map((client) => {
          client.stop();
          return client.idle();
        });
        await Promise.all([closed, looking, ...ending, ...leaving]);
      };
    },
    close: () => stop(),
  };
};

/** Closes the connections of people who left users.yaml, also idle ones. */
const dismissRefused = async (clients: ReadonlySet<ChatConnection>, host: ChatHost): Promise<void> => {
  const users = new Set([...clients].flatMap(({ userId }) => userId() ?? []));
  if (users.size === 0) return;
  const refused = await refusedOf(host.db, [...users]);
  for (const { userId, dismiss } of clients) {
    const refusal = refused.get(userId() ?? "");
    if (refusal !== undefined) dismiss(refusal);
  }
};

/** Asks for all clients in one query. */
const nudgeBehind = async (clients: ReadonlySet<ChatConnection>, host: ChatHost): Promise<void> => {
  const chats = new Set([...clients].flatMap(({ shownUpTo }) => [...shownUpTo.keys()]));
  if (chats.size === 0) return;
  const last = await lastOut(host.db, [...chats]);
  for (const { shownUpTo, nudge } of clients)
    for (const [chat, seq] of shownUpTo) if ((last.get(chat) ?? 0) > seq) nudge(chat);
};

const refuseOneMore = (socket: Socket): void => {
  const lines = lineSocket(socket, { maxLineBytes, line: async () => {}, tooLong: () => {} });
  const message = `The host already serves ${maxClients} chats: try again later.`;
  void lines.send({ type: "error", code: "too-many-chats", message });
  lines.end();
};
