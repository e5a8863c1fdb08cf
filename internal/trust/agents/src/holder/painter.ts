import { SerializeAddon } from "@xterm/addon-serialize";
import type { Screen } from "@trust/dialog-engine";
import type { Terminal } from "@xterm/headless";

/** A screen with its colours, as sequences that draw it. */
export type Frame = {
  readonly columns: number;
  /** One per row: only text and SGR sequences, starting in the default style. */
  readonly rows: readonly string[];
  readonly cursor: { readonly column: number; readonly row: number; readonly isVisible: boolean };
  /** The modes that decide how a terminal encodes keys, pastes and the mouse, by mode number: true if set. */
  readonly modes: Readonly<Record<string, boolean>>;
};

export type Painter = { readonly frame: () => Frame; readonly modes: () => Frame["modes"] };

/**
 * Reads frames from a screen's model. Viewers get frames and never the agent's own output. So none of the
 * agent's sequences (clipboard, titles, queries) reaches a viewer's terminal, and a slow viewer misses frames
 * instead of slowing the agent down.
 */
export const createPainter = (screen: Screen): Painter => {
  const serializer = new SerializeAddon();
  const loaded: Terminal[] = [];
  screen.load({
    activate: (model) => {
      loaded.push(model);
      serializer.activate(activeBufferOf(model));
    },
    dispose: () => serializer.dispose(),
  });
  const [terminal] = loaded;
  if (terminal === undefined) throw new TypeError("the screen has no terminal model");
  const rowAt = (row: number): string =>
    serializer.serialize({ range: { start: row, end: row }, excludeModes: true, excludeAltBuffer: true });
  const frame = (): Frame => frameOf(terminal, rowAt);
  // Warm-up: the first frame also compiles its code, which is half of its time, and no viewer waits yet.
  frame();
  return { frame, modes: () => modesOf(terminal) };
};

/**
 * The addon serializes single rows only from the normal buffer: this view puts the active buffer in its
 * place.
 */
const activeBufferOf = (model: Terminal): Parameters<SerializeAddon["activate"]>[0] => {
  const view = {
    _core: coreOf(model),
    buffer: {
      get normal() {
        return model.buffer.active;
      },
      active: { type: "normal" },
    },
    get cols() {
      return model.cols;
    },
    get rows() {
      return model.rows;
    },
  };
  return view as unknown as Parameters<SerializeAddon["activate"]>[0];
};

const frameOf = (terminal: Terminal, rowAt: (row: number) => string): Frame => {
  const { cursorX, cursorY, viewportY } = terminal.buffer.active;
  const rows = Array.from({ length: terminal.rows }, (_, row) => rowAt(viewportY + row));
  return {
    columns: terminal.cols,
    rows,
    cursor: { column: cursorX, row: cursorY, isVisible: !coreOf(terminal).coreService.isCursorHidden },
    modes: modesOf(terminal),
  };
};

const modesOf = (terminal: Terminal): Frame["modes"] => {
  const { modes } = terminal;
  const mouse = modes.mouseTrackingMode;
  const encoding = coreOf(terminal).coreMouseService.activeEncoding;
  return {
    1: modes.applicationCursorKeysMode,
    66: modes.applicationKeypadMode,
    9: mouse === "x10",
    1000: mouse === "vt200",
    1002: mouse === "drag",
    1003: mouse === "any",
    1004: modes.sendFocusMode,
    1006: mouse !== "none" && encoding === "SGR",
    2004: modes.bracketedPasteMode,
  };
};

/** Internals of @xterm/headless 6.0.0 that its API does not expose. */
type Core = {
  readonly coreService: { readonly isCursorHidden: boolean };
  readonly coreMouseService: { readonly activeEncoding: string };
};
const coreOf = (terminal: Terminal): Core => (terminal as unknown as { readonly _core: Core })._core;

/** The size of a viewer's terminal, in cells. */
export type ViewerSize = { readonly columns: number; readonly rows: number };

/**
 * The sequences that draw a frame on a viewer's terminal, which shows `before` (null: unknown content). A
 * terminal with fewer rows shows the last ones.
 */
export const paintOf = (frame: Frame, before: Frame | null, size: ViewerSize): string => {
  const isAnew =
    before === null || before.columns !== frame.columns || before.rows.length !== frame.rows.length;
  const first = Math.max(0, frame.rows.length - size.rows);
  const drawn = frame.rows.slice(first).map((row, at) => {
    const isSame = !isAnew && before.rows[first + at] === row;
    return isSame ? "" : `\x1b[${at + 1};1H\x1b[0m\x1b[2K${row}`;
  });
  const modes = Object.entries(frame.modes).map(([mode, isSet]) => {
    const was = isAnew ? false : before.modes[mode];
    return was === isSet ? "" : `\x1b[?${mode}${isSet ? "h" : "l"}`;
  });
  const { column, row, isVisible } = frame.cursor;
  const at = row - first + 1;
  const cursor = at < 1 ? "" : `\x1b[${at};${Math.min(column, size.columns - 1) + 1}H`;
  const begin = `\x1b[?2026h\x1b[?25l${isAnew ? "\x1b[0m\x1b[2J" : ""}`;
  return `${begin}${drawn.join("")}\x1b[0m${modes.join("")}${cursor}${isVisible && at > 0 ? "\x1b[?25h" : ""}\x1b[?2026l`;
};
