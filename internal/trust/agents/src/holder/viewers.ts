import type { Stop } from "@trust/dialog-engine";
import type { AgentWatch } from "./watch/agent-watch.ts";
import { sizeIn, type Attach, type ControlClient } from "./control-socket.ts";
import { paintOf, type Frame, type ViewerSize } from "./painter.ts";

type Viewer = {
  readonly connection: ControlClient;
  readonly isReadOnly: boolean;
  size: ViewerSize;
  shown: Frame | null;
};

/**
 * The terminals that show an agent's screen. One of them is the writer: the last that took the keyboard, else
 * the first that may write. The others can only watch.
 */
export type Viewers = {
  readonly attach: (connection: ControlClient, attach: Attach) => void;
  /** Called when the agent has ended: shows the last screen and ends every connection. */
  readonly end: (last: object) => void;
};

/** Minimum time between two frames, ms. */
const frameMs = 16;
/** A viewer with more unread bytes than this gets no further frame until it has read them. */
const mostBehind = 64 * 1024;

export type ViewersOptions = {
  readonly frameNow: () => Frame;
  readonly watch: AgentWatch;
  /** Passes on the keys of the writer. */
  readonly write: (data: string) => void;
  /** Calls `run` once after this time. */
  readonly after: (milliseconds: number, run: () => void) => Stop;
  readonly onWriter: (isAttached: boolean) => void;
};

export const createViewers = ({ watch, frameNow, write, after, onWriter }: ViewersOptions): Viewers => {
  const viewers = new Set<Viewer>();
  let taker: Viewer | null = null;
  const writer = (): Viewer | undefined =>
    taker !== null && viewers.has(taker) ? taker : [...viewers].find(({ isReadOnly }) => !isReadOnly);
  const schedule = painting(viewers, frameNow, after);
  watch.screen.onDrain(schedule);

  const fit = ({ size }: Viewer): void => {
    watch.resize(size.columns, size.rows);
    schedule();
  };
  const leave = (viewer: Viewer): void => {
    const wasWriter = writer() === viewer;
    // At the agent's end `viewers` is empty, so that no viewer becomes the writer of a closed terminal.
    if (!viewers.delete(viewer)) return;
    if (!wasWriter) return;
    const next = writer();
    onWriter(next !== undefined);
    if (next === undefined) return;
    next.connection.send({ writer: true });
    fit(next);
  };

  const receive = (viewer: Viewer, line: unknown): void => {
    const said = messageIn(line);
    if ("size" in said) {
      viewer.size = said.size;
      viewer.shown = null;
      if (writer() === viewer) fit(viewer);
      else schedule();
    }
    if ("input" in said && writer() === viewer) write(said.input);
  };

  return {
    attach: (connection, { isReadOnly, takes, columns, rows }) => {
      const viewer: Viewer = { connection, isReadOnly, size: { columns, rows }, shown: null };
      const before = writer();
      viewers.add(viewer);
      if (takes && !isReadOnly) taker = viewer;
      const isWriter = writer() === viewer;
      if (isWriter) before?.connection.send({ writer: false });
      connection.send({ writer: isWriter });
      // Show the current screen at once; the agent redraws it for another size later.
      paint(viewer, frameNow());
      if (isWriter) onWriter(true);
      if (isWriter) fit(viewer);
      connection.onDrain(schedule);
      connection.onClose(() => leave(viewer));
      connection.onLine((line) => receive(viewer, line));
    },
    end: (last) => endAll(viewers, frameNow, last),
  };
};

/**
 * Sends the last frame and the last line. Clears the viewers first, so that a leaving viewer does not make
 * another one the writer.
 */
const endAll = (viewers: Set<Viewer>, frameNow: () => Frame, last: object): void => {
  const all = [...viewers];
  const frame = all.length === 0 ? null : frameNow();
  viewers.clear();
  for (const viewer of all) {
    if (frame !== null) paint(viewer, frame);
    viewer.connection.send(last);
    viewer.connection.end();
  }
};

const paint = (viewer: Viewer, frame: Frame): void => {
  if (viewer.connection.waiting() > mostBehind) return;
  viewer.connection.send({ paint: paintOf(frame, viewer.shown, viewer.size) });
  viewer.shown = frame;
};

/** Returns a function that schedules a repaint of all viewers; calls within `frameMs` share one repaint. */
const painting = (
  viewers: ReadonlySet<Viewer>,
  frameNow: () => Frame,
  after: ViewersOptions["after"],
): (() => void) => {
  let isScheduled = false;
  const paintAll = (): void => {
    isScheduled = false;
    if (viewers.size === 0) return;
    const frame = frameNow();
    for (const viewer of viewers) paint(viewer, frame);
  };
  return () => {
    if (isScheduled || viewers.size === 0) return;
    isScheduled = true;
    after(frameMs, paintAll);
  };
};

/** Parses a line of a viewer: `{"input": "..."}`, or `{"columns": 80, "rows": 24}`. */
const messageIn = (line: unknown): { readonly input: string } | { readonly size: ViewerSize } | object => {
  const { input } = Object(line) as { readonly input?: unknown };
  if (typeof input === "string") return { input };
  const size = sizeIn(line);
  return size === null ? {} : { size };
};
