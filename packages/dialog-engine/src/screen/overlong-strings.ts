/**
 * A title or another string that a sequence carries is cut here; UTF-16 units. xterm 6.0.0 keeps 10 million of them, 32
 * bytes each.
 */
const longest = 65_536;

/** What ends a string, or may: BEL, CAN, SUB, ESC and the 8-bit controls. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const end = /[\u0007\u0018\u001a\u001b\u0080-\u009f]/u;

/** Keeps a string that never ends away from a terminal. The rest of its output is as it was. */
export type OverlongStrings = {
  /** So many units are parsed. */
  parsed(length: number): void;
  /** What of this output the terminal needs; ask only where all before it is parsed. */
  cut(output: string): string;
};

/** `isInString`: the parser is within OSC or DCS. */
export const cutOverlongStrings = (isInString: () => boolean): OverlongStrings => {
  let length = 0;
  return {
    parsed: (more) => {
      length = isInString() ? length + more : 0;
    },
    cut: (output) => {
      if (length <= longest) return output;
      const at = output.search(end);
      return at < 0 ? "" : output.slice(at);
    },
  };
};
