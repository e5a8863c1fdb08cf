import type { ForeignReader } from "@gatehouse/sqlite";
import { inboundSchema } from "../schema/inbound-schema.ts";
import type { HostEnd } from "../transport.ts";
import { ring, watchDoorbell } from "./doorbell.ts";
import { sessionFile } from "./files/session-file.ts";
import { readHeartbeat } from "./heartbeat.ts";
import { ackInbox } from "./host/ack-inbox.ts";
import { readFenced, writeFenced } from "./host/fence.ts";
import { insertMessages, lastSource, origin } from "./host/messages-in.ts";
import { writeProjection } from "./host/projection.ts";
import { outboundReader } from "./host/read-outbound.ts";
import { outboundMessages } from "./host/receive.ts";
import { sessionState } from "./host/session-state.ts";
import { waitingMessages } from "./host/waiting.ts";
import { maxOutboundBytes as mostBytes } from "./limits.ts";
import { makeSession } from "./make-session.ts";
import { pathsOf } from "./paths.ts";

export type HostEndOptions = {
  /** The session's folder. It is made where it is missing. */
  readonly folder: string;
  /** The fencing token of this host's lease on the session. */
  readonly token: number;
  /** Reads the container's file. It is the caller's, and stays open. */
  readonly reader: ForeignReader;
  /**
   * How long the container may hold inbound.db before a call gives `busy`, ms. Nothing is blocked
   * meanwhile.
   */
  readonly busyMs?: number;
  /** A larger outbound.db is not read, bytes. It is the same for the container. */
  readonly maxOutboundBytes?: number;
  /** A message of the agent with a longer text is given up, bytes. */
  readonly maxTextBytes?: number;
  /** True: another account runs the container. What is made lets it read `in` and write into `out`. */
  readonly isShared?: boolean;
  /**
   * Called when inbound.db was damaged: it was renamed, and an empty one made. What was lost is what the
   * caller does not send again: messages, how they ended, tries, which of the container's messages were
   * delivered. Those come again, so a channel has to know them by their id.
   */
  readonly onSetAside?: (renamedTo: string, reason: string) => void;
};

/**
 * The host's end of a session whose transport is two SQLite files. Nothing is opened before the first
 * call.
 */
export const openHostEnd = (options: HostEndOptions): HostEnd => {
  const { folder, token, reader, busyMs = 2000, onSetAside = () => undefined } = options;
  const { maxOutboundBytes = mostBytes, maxTextBytes = 256 * 2 ** 10 } = options;
  const paths = pathsOf(folder);
  const watch = watchDoorbell(paths.outDoorbell);
  const prepare = (): void => {
    makeSession(paths, options.isShared === true);
    watch.renew();
  };
  const written = (): void => ring(paths.inDoorbell);
  const file = sessionFile({
    file: paths.inbound,
    schema: inboundSchema,
    busyMs,
    onSetAside,
    prepare,
    written,
  });
  const inbox = ackInbox();
  const read = outboundReader(reader, paths.outbound, { maxOutboundBytes, maxTextBytes });
  const { mayHaveNews, ...messagesOut } = outboundMessages({ file, read, token, inbox }, paths.outbound);
  const { heartbeat, ...outcome } = sessionState({ file, read, token, inbox, heartbeat: paths.heartbeat });
  return {
    send: (messages) =>
      file.transaction(
        "write",
        writeFenced(token, (db) => {
          const written = insertMessages(db, messages);
          return { ok: true, value: { written, known: messages.length - written } };
        }),
      ),
    ...messagesOut,
    ...outcome,
    ...waitingMessages(file, token),
    glance: () => ({ mayHaveNews: mayHaveNews(), heartbeat: heartbeat() }),
    project: (projection) =>
      file.transaction(
        "write",
        writeFenced(token, (db) => {
          writeProjection(db, projection, readHeartbeat(paths.heartbeat));
          return { ok: true, value: null };
        }),
      ),
    origin: (id) =>
      file.transaction(
        "read",
        readFenced(token, (db) => ({ ok: true, value: origin(db, id) })),
      ),
    lastSource: (groupId) =>
      file.transaction(
        "read",
        readFenced(token, (db) => ({ ok: true, value: lastSource(db, groupId) })),
      ),
    onChange: watch.onRing,
    close: async () => {
      watch.close();
      await file.close();
    },
  };
};
