import type { Clock, Terminal } from "../ports.ts";
import type { Cast, CastEvent } from "../recording/recording.ts";
import { createMemoryTerminal, type MemoryIo } from "./memory-terminal.ts";

/** A recording that plays to the driver of the terminal, and the differences between the two. */
export type Replay = {
  readonly terminal: Terminal;
  /** Keys in the recording that were not pressed, or were different; empty if the same keys were pressed. */
  differences(): readonly string[];
};

/**
 * Plays a recording. Output keeps its recorded delays. Output that followed a key comes after that key is pressed. So
 * the same decisions see the same screens, at any speed. Skips terminal replies.
 */
export const replayCast = (cast: Cast, clock: Clock): Replay => {
  const segments = splitAtKeys(cast.events);
  const differences: string[] = [];
  let at = 0;

  const terminal = createMemoryTerminal((io) => {
    play(segments[0]?.output ?? [], 0, io, clock);
    return {
      onInput: (data) => {
        if (isReply(data)) return;
        const expected = segments[at + 1];
        if (expected?.key !== data) {
          differences.push(
            `key ${at + 1}: ${JSON.stringify(data)} instead of ${JSON.stringify(expected?.key)}`,
          );
          return;
        }
        at += 1;
        play(expected.output, expected.seconds, io, clock);
      },
    };
  });
  return {
    terminal,
    differences: () => [
      ...differences,
      ...segments.slice(at + 1).map(({ key }) => `no key ${JSON.stringify(key)}`),
    ],
  };
};

type Segment = {
  readonly key: string | null;
  readonly seconds: number;
  readonly output: readonly CastEvent[];
};

const splitAtKeys = (events: readonly CastEvent[]): Segment[] => {
  const segments: Segment[] = [{ key: null, seconds: 0, output: [] }];
  for (const event of events) {
    const last = segments[segments.length - 1] as Segment;
    if (event[1] === "i") segments.push({ key: event[2], seconds: event[0], output: [] });
    else if (event[1] === "o") segments[segments.length - 1] = { ...last, output: [...last.output, event] };
  }
  return segments;
};

/**
 * In whole milliseconds: with a manual clock, a wait shorter than its target by a rounding error would never
 * end.
 */
const play = (output: readonly CastEvent[], from: number, io: MemoryIo, clock: Clock): void => {
  for (const [seconds, , data] of output)
    clock.after(Math.round((seconds - from) * 1000), () => io.print(data));
};

const arrows = ["\x1b[A", "\x1b[B", "\x1bOA", "\x1bOB"];

/** A terminal's reply to a query is longer than a key and is not an arrow. */
const isReply = (data: string): boolean => data.length > 1 && !arrows.includes(data);
