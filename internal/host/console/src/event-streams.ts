/** Reads what the reader sees now, as a text that is compared; null ends the stream. */
export type Watched = () => Promise<string | null>;

/** What a stream follows beside the nudges of the host. */
export type Follow = (stream: {
  /** What is watched may have changed. */
  readonly check: () => void;
  /** Sends an event that a slow reader may miss. */
  readonly send: (event: string, data: unknown) => void;
}) => () => void;

/** The open streams of events, one for each page that is shown. */
export type EventStreams = {
  /**
   * Answers with a stream that says `changed` each time after what is watched has changed. `follow` begins with the
   * stream, and returns a function that ends with it.
   */
  readonly open: (read: Watched, follow?: Follow) => Response;
  /** Something may have changed. */
  readonly nudge: () => void;
  readonly close: () => void;
};

/** Open streams; above it the oldest ends, and its page opens another. */
const mostStreams = 64;

/** The time between two comments, which keep a stream open and find readers that have left, ms. */
const keepAliveMs = 20_000;

type Stream = {
  readonly check: () => Promise<void>;
  readonly send: (event: string, data: unknown) => void;
  readonly beat: () => void;
  readonly end: () => void;
};

export const eventStreams = (report: (error: unknown) => void): EventStreams => {
  const streams = new Set<Stream>();
  const timer = setInterval(() => {
    for (const { beat } of streams) beat();
  }, keepAliveMs);
  timer.unref();
  const openStream = (read: Watched, follow: Follow): ReadableStream<Uint8Array> => {
    let own: Stream | undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        let unfollow = (): void => {};
        const stream = streamOf(controller, read, (ended) => {
          streams.delete(ended);
          unfollow();
        });
        own = stream;
        streams.add(stream);
        unfollow = follow({ check: () => void stream.check().catch(report), send: stream.send });
        for (const oldest of [...streams].slice(0, Math.max(0, streams.size - mostStreams))) oldest.end();
        void stream.check().catch(report);
      },
      cancel: () => own?.end(),
    });
  };
  return {
    open: (read, follow = () => () => {}) =>
      new Response(openStream(read, follow), { headers: { "content-type": "text/event-stream" } }),
    nudge: () => {
      for (const { check } of streams) void check().catch(report);
    },
    close: () => {
      clearInterval(timer);
      for (const { end } of streams) end();
    },
  };
};

const streamOf = (
  controller: ReadableStreamDefaultController<Uint8Array>,
  read: Watched,
  ended: (stream: Stream) => void,
): Stream => {
  const encoder = new TextEncoder();
  let [seen, isEnded]: [string | null, boolean] = [null, false];
  let checking: Promise<void> | null = null;
  let isAskedAgain = false;
  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    ended(stream);
    try {
      controller.close();
    } catch {
      // The reader has ended it.
    }
  };
  const write = (text: string): void => {
    // A reader that takes nothing is ended: its page opens another stream.
    if (isEnded) return;
    if ((controller.desiredSize ?? 0) < -mostUnread) return end();
    controller.enqueue(encoder.encode(text));
  };
  const checkOnce = async (): Promise<void> => {
    const now = await read();
    if (now === null) return end();
    // The page was read a moment before the stream was opened, so the first look is told, too.
    if (now !== seen) write(`event: changed\ndata: ${seen === null ? "first" : "again"}\n\n`);
    seen = now;
  };
  const check = async (): Promise<void> => {
    if (isEnded) return;
    if (checking !== null) {
      isAskedAgain = true;
      return checking;
    }
    checking = (async () => {
      do {
        isAskedAgain = false;
        await checkOnce();
      } while (isAskedAgain && !isEnded);
    })().finally(() => (checking = null));
    return checking;
  };
  const stream: Stream = {
    check,
    end,
    send: (event, data) => {
      if ((controller.desiredSize ?? 0) >= 0) write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    beat: () => write(": still here\n\n"),
  };
  return stream;
};

/** Events that a reader may leave unread. */
const mostUnread = 32;
