import type { Clock, Terminal } from "../ports.ts";
import { createMemoryTerminal, type MemoryIo } from "./memory-terminal.ts";

/** The effect of confirming an option of a fake screen. */
export type FakeNext = { readonly show: string } | { readonly exit: number };

/** One screen of a fake program. Times in milliseconds since it was drawn. */
export type FakeScreen = {
  readonly id: string;
  /** The whole screen with the pointer on that option, one string per row. */
  readonly draw: (pointed: number) => readonly string[];
  readonly options: readonly string[];
  readonly pointed?: number;
  /** Keys are lost for this time, as in real programs. */
  readonly deadWindowMs?: number;
  /** The dialog mounts again at these times: the pointer is back where it started. */
  readonly remountAtMs?: readonly number[];
  readonly confirm?: (option: number) => FakeNext;
  /** A screen that replaces this one after this time, without a key: a dialog that comes late. */
  readonly then?: { readonly afterMs: number; readonly show: string };
};

/** The keys that reached the program, with a mark for each lost one, and the option that each Enter confirmed. */
export type FakeLog = {
  readonly keys: readonly { readonly screen: string; readonly data: string; readonly isLost: boolean }[];
  readonly confirmed: readonly { readonly screen: string; readonly option: string; readonly index: number }[];
};

export type FakeTui = { readonly terminal: Terminal; readonly log: FakeLog };

/** A piece of a painted frame, and its delay in milliseconds after the one before it. */
export type FakePiece = { readonly data: string; readonly afterMs?: number };

type Split = (frame: string) => readonly FakePiece[];

/**
 * A program with dialogs. It paints first and reads later, loses keys, mounts again, and acts on an Enter. Its list does
 * not wrap. `split` cuts each painted frame into the pieces in which it arrives. Only a screen's first frame arrives
 * slowly; the effect of a key is drawn at once.
 */
export const createFakeTui = (
  screens: readonly FakeScreen[],
  clock: Clock,
  split: Split = (data) => [{ data }],
): FakeTui => {
  const keys: FakeLog["keys"][number][] = [];
  const confirmed: FakeLog["confirmed"][number][] = [];

  const terminal = createMemoryTerminal((io) => {
    let screen: FakeScreen | undefined;
    let pointed = 0;
    let drawnAt = 0;

    const paint = createPainter(io, clock, split);
    const show = (id: string): void => {
      const next = screens.find((candidate) => candidate.id === id);
      if (!next) throw new Error(`the fake program has no screen "${id}"`);
      screen = next;
      pointed = next.pointed ?? 0;
      drawnAt = clock.now();
      paint(next.draw(pointed), true);
      for (const after of next.remountAtMs ?? []) clock.after(after, () => screen === next && remount(next));
      const late = next.then;
      if (late) clock.after(late.afterMs, () => screen === next && show(late.show));
    };
    const remount = (current: FakeScreen): void => {
      pointed = current.pointed ?? 0;
      paint(current.draw(pointed));
    };
    const move = (current: FakeScreen, by: number): void => {
      pointed = Math.min(Math.max(pointed + by, 0), Math.max(current.options.length - 1, 0));
      paint(current.draw(pointed));
    };
    const enter = (current: FakeScreen): void => {
      confirmed.push({ screen: current.id, option: current.options[pointed] ?? "", index: pointed });
      const next = current.confirm?.(pointed);
      if (next && "show" in next) show(next.show);
      else if (next) io.exit({ exitCode: next.exit });
    };

    const first = screens[0];
    if (first) clock.after(0, () => show(first.id));
    return {
      onInput: (data) => {
        if (!screen) return;
        const isLost = clock.now() - drawnAt < (screen.deadWindowMs ?? 0);
        keys.push({ screen: screen.id, data, isLost });
        if (isLost || io.hasExited) return;
        if (data === "\r") enter(screen);
        if (data === "\x1b[A" || data === "\x1bOA") move(screen, -1);
        if (data === "\x1b[B" || data === "\x1bOB") move(screen, 1);
      },
    };
  });
  return { terminal, log: { keys, confirmed } };
};

type Paint = (rows: readonly string[], slowly?: boolean) => void;

/** Draws whole frames, piece by piece. Only a slow frame waits between its pieces. */
const createPainter = (io: MemoryIo, clock: Clock, split: Split): Paint => {
  let paintedUntil = 0;
  return (rows, slowly = false) => {
    for (const { data, afterMs = 0 } of split(`\x1b[?25l\x1b[H\x1b[2J${rows.join("\r\n")}`)) {
      paintedUntil = Math.max(paintedUntil, clock.now()) + (slowly ? afterMs : 0);
      if (paintedUntil <= clock.now()) io.print(data);
      else clock.after(paintedUntil - clock.now(), () => io.print(data));
    }
  };
};
