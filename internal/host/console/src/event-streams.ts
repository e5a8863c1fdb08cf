/** What one kind of page shows, and how a stream learns that it has changed. */
export type Topic = {
  /** Reads what the reader sees now, as a text that is compared. */
  readonly read: () => Promise<string>;
  /** Follows what the host does not nudge about. Returns a function that ends with the stream. */
  readonly follow?: (stream: {
    /** What is watched may have changed. */
    readonly check: () => void;
    /** Sends an event that a slow reader may miss. */
    readonly send: (event: string, data: object) => void;
  }) => () => void;
};

/** The open streams of events, one for each browser: its pages share it. */
export type EventStreams = {
  /**
   * Answers with a stream that says `changed` each time after a topic has changed, and `beat` every few seconds. Each event
   * names its topic. The stream ends with the sign-in.
   */
  readonly open: (isSignedIn: () => Promise<boolean>, topics: ReadonlyMap<string, Topic>) => Response;
  /** Something may have changed. */
  readonly nudge: () => void;
  readonly close: () => void;
};

/** Open streams; above it the oldest ends, and its browser opens another. */
const mostStreams = 64;

/** The time between two beats, ms. A browser that misses two says that it is not connected. */
const beatMs = 5_000;

type Stream = {
  readonly check: () => Promise<void>;
  readonly beat: () => Promise<void>;
  readonly end: () => void;
};

export const eventStreams = (report: (error: unknown) => void): EventStreams => {
  const streams = new Set<Stream>();
  const timer = setInterval(() => {
    // A check reports why the sign-in cannot be read. Without beats, the pages say that they are not connected.
    for (const { beat } of streams) beat().catch(() => {});
  }, beatMs);
  timer.unref();
  return {
    open: (isSignedIn, topics) => {
      let own: Stream | undefined;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          own = streamOf(controller, { isSignedIn, topics, report }, (ended) => streams.delete(ended));
          streams.add(own);
          for (const oldest of [...streams].slice(0, Math.max(0, streams.size - mostStreams))) oldest.end();
          void own.check().catch(report);
        },
        cancel: () => own?.end(),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
    nudge: () => {
      for (const { check } of streams) void check().catch(report);
    },
    close: () => {
      clearInterval(timer);
      for (const { end } of streams) end();
    },
  };
};

type StreamOptions = {
  readonly isSignedIn: () => Promise<boolean>;
  readonly topics: ReadonlyMap<string, Topic>;
  readonly report: (error: unknown) => void;
};

const streamOf = (
  controller: ReadableStreamDefaultController<Uint8Array>,
  { isSignedIn, topics, report }: StreamOptions,
  ended: (stream: Stream) => void,
): Stream => {
  const encoder = new TextEncoder();
  const seen = new Map<string, string>();
  const due = new Set<string>();
  let isEnded = false;
  let checking: Promise<void> | null = null;
  let unfollow: readonly (() => void)[] = [];
  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    ended(stream);
    for (const one of unfollow) one();
    try {
      controller.close();
    } catch {
      // The reader has ended it.
    }
  };
  const write = (event: string, data: object): void => {
    // A reader that takes nothing is ended: its browser opens another stream.
    if (isEnded) return;
    if ((controller.desiredSize ?? 0) < -mostUnread) return end();
    controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  };
  const checkDue = async (): Promise<void> => {
    while (due.size > 0 && !isEnded) {
      const names = [...due];
      due.clear();
      if (!(await isSignedIn())) return end();
      for (const name of names) {
        const now = await topics.get(name)?.read();
        if (now === undefined) continue;
        // The page was read a moment before the stream was opened, so the first look is told, too.
        if (now !== seen.get(name)) write("changed", { of: name });
        seen.set(name, now);
      }
    }
  };
  // The empty name is no topic: a stream without topics ends with the sign-in, too.
  const check = (names: Iterable<string> = ["", ...topics.keys()]): Promise<void> => {
    for (const name of names) due.add(name);
    checking ??= checkDue().finally(() => (checking = null));
    return checking;
  };
  const beat = async (): Promise<void> => {
    if (await isSignedIn()) write("beat", {});
    else end();
  };
  const stream: Stream = { check, beat, end };
  write("beat", {});
  unfollow = [...topics].flatMap(([name, { follow }]) => {
    const send = (event: string, data: object): void => {
      if ((controller.desiredSize ?? 0) >= 0) write(event, { of: name, ...data });
    };
    return follow === undefined ? [] : [follow({ check: () => void check([name]).catch(report), send })];
  });
  return stream;
};

/** Events that a reader may leave unread. */
const mostUnread = 32;
