import { outboundSchema } from "../schema/outbound-schema.ts";
import type { AgentEnd } from "../transport.ts";
import { forgetHistory } from "./agent/forget-history.ts";
import { lostAcks, repeatAcks, writeWork } from "./agent/commit.ts";
import { keptValues, type AsOneself } from "./agent/kept-values.ts";
import { readBatch, readSystem } from "./agent/messages-in.ts";
import { readProjection } from "./agent/read-projection.ts";
import { ring, watchDoorbell } from "./doorbell.ts";
import { sessionFile } from "./files/session-file.ts";
import { takeOver } from "./hand-over.ts";
import { writeHeartbeat } from "./heartbeat.ts";
import { maxOutboundBytes as mostBytes } from "./limits.ts";
import { pathsOf } from "./paths.ts";

export type AgentEndOptions = {
  /** The session's folder. */
  readonly folder: string;
  /** How long another process may hold a file before a call gives `busy`, ms. */
  readonly busyMs?: number;
  /**
   * The host reads no larger outbound.db, bytes. From an eighth of that on, what the host is done with
   * is deleted from it; a file that is larger all the same is set aside.
   */
  readonly maxOutboundBytes?: number;
  /** Called when outbound.db could not be used: it was renamed, and an empty one made. */
  readonly onSetAside?: (renamedTo: string, reason: string) => void;
};

/**
 * The container's end of a session whose transport is two SQLite files. Who it is, it reads once: a
 * container that is about to end is not the next one, though the host has already named that.
 */
export const openAgentEnd = (options: AgentEndOptions): AgentEnd => {
  const { folder, busyMs = 5000, onSetAside = () => undefined } = options;
  const { maxOutboundBytes: maxBytes = mostBytes } = options;
  const paths = pathsOf(folder);
  const watch = watchDoorbell(paths.inDoorbell);
  let isTakenOver = false;
  const prepare = (): void => {
    if (!isTakenOver) takeOver(paths);
    // Once only: a file that is set aside afterwards was that very one.
    isTakenOver = true;
    watch.renew();
  };
  const file = sessionFile({
    ...{ file: paths.outbound, schema: outboundSchema, busyMs, onSetAside, prepare },
    ...{ written: () => ring(paths.outDoorbell), beside: paths.inbound },
    tidying: { fromBytes: maxBytes / 8, maxBytes, work: forgetHistory },
  });
  let incarnation: number | null = null;

  const asOneself: AsOneself = (mode, work) =>
    file.transaction(mode, (db) => {
      if (incarnation === null) {
        const projection = readProjection(db);
        if (!projection.ok) return projection;
        ({ incarnation } = projection.value.identity);
      }
      return { ok: true, value: work(db, incarnation) };
    });

  return {
    projection: async () => {
      const projection = await file.transaction("read", readProjection);
      if (projection.ok) incarnation ??= projection.value.identity.incarnation;
      return projection;
    },
    receive: async ({ isFirst, limit, now }) => {
      const found = await asOneself("read", (db, own) => ({
        batch: readBatch(db, { incarnation: own, isFirst, limit, now }),
        lost: lostAcks(db),
      }));
      if (!found.ok) return found;
      const { batch, lost } = found.value;
      const repeated = lost.length === 0 ? null : await asOneself("write", (db) => repeatAcks(db, lost));
      return repeated?.ok === false ? repeated : { ok: true, value: batch };
    },
    receiveSystem: (limit) => asOneself("read", (db, own) => readSystem(db, { incarnation: own, limit })),
    commit: (work) =>
      asOneself("write", (db, own) => {
        writeWork(db, work, own);
        return null;
      }),
    ...keptValues(asOneself),
    heartbeat: async () => writeHeartbeat(paths.heartbeat),
    onChange: watch.onRing,
    close: async () => {
      watch.close();
      await file.close();
    },
  };
};
