import { fail, type Result } from "@gatehouse/std";
import type { Answer } from "./cells.ts";
import type { ForeignRead, ForeignReadError } from "./foreign-reader.ts";
import { readerChildren } from "./reader-children.ts";
import type { ReaderProcess } from "./reader-process.ts";

type Outcome = Result<Answer, ForeignReadError>;

/** Children that share the reads. */
export type ReaderPool = {
  readonly read: (read: ForeignRead) => Promise<Outcome>;
  readonly close: () => Promise<void>;
};

export type PoolOptions = {
  readonly program: readonly [string, ...string[]];
  readonly deadlineMs: number;
  /** Started with the first read. The second answers others while the first is slow. */
  readonly least: number;
  readonly most: number;
};

type Job = { readonly read: ForeignRead; readonly resolve: (outcome: Outcome) => void };

/** A read that waits so long gets one more child, ms. Most reads take less than one. */
const patienceMs = 5;

/**
 * A child gets its next read when it has answered the last one: what waits here is not lost with a child, and
 * waits for no child that is slow.
 */
export const readerPool = ({ program, deadlineMs, least, most }: PoolOptions): ReaderPool => {
  const waiting: Job[] = [];
  let isClosed = false;
  let patience: NodeJS.Timeout | undefined;

  const refuseAll = (error: ForeignReadError): void => {
    for (const { resolve } of waiting.splice(0)) resolve(fail(error));
  };

  const serve = async (child: ReaderProcess, { read, resolve }: Job): Promise<void> => {
    const outcome = await child.ask(read, deadlineMs);
    if (!outcome.ok && ["too-slow", "crashed"].includes(outcome.error.code)) children.end(child);
    resolve(outcome);
    children.giveBack(child);
    serveWaiting();
    // More are needed for a rush alone.
    const spare = children.idle() > Math.max(least, 1) ? children.take("oldest") : undefined;
    if (spare !== undefined) children.end(spare);
  };

  const serveWaiting = (): void => {
    if (isClosed) return;
    while (waiting.length > 0 && children.idle() > 0) {
      const child = children.take("newest");
      const job = waiting.shift();
      if (child !== undefined && job !== undefined) void serve(child, job);
    }
    while (children.count() < least) void children.start();
    clearTimeout(patience);
    if (waiting.length > 0 && children.count() < most) patience = setTimeout(startOneMore, patienceMs);
  };

  const startOneMore = (): void => {
    if (!children.isStarting()) void children.start();
  };

  const children = readerChildren({
    program,
    onFree: serveWaiting,
    onFailed: (how) => refuseAll({ code: "crashed", detail: `a reader could not be started: ${how}` }),
  });

  return {
    read: (read) =>
      new Promise((resolve) => {
        if (isClosed) return resolve(closed);
        waiting.push({ read, resolve });
        serveWaiting();
      }),
    close: async () => {
      isClosed = true;
      clearTimeout(patience);
      refuseAll(closed.error);
      await children.endAll();
    },
  };
};

/** What a closed reader answers. */
export const closed: { readonly ok: false; readonly error: ForeignReadError } = fail({
  code: "closed",
  detail: "the reader is closed",
});
