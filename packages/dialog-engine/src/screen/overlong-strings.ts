/**
 * Maximum length of a title or another string that a sequence carries; UTF-16 units. The rest is cut. xterm 6.0.0 keeps
 * up to 10 million units, 32 bytes each.
 */
const longest = 65_536;

/** Characters that end a string, or may: BEL, CAN, SUB, ESC and the 8-bit controls. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const end = /[\u0007\u0018\u001a\u001b\u0080-\u009f]/u;

/** Cuts a string that is too long before it reaches a terminal. The rest of the output is unchanged. */
export type OverlongStrings = {
  /** Reports how many units were parsed. */
  parsed(length: number): void;
  /** The part of this output that the terminal needs. Call it only after all earlier output is parsed. */
  cut(output: string): string;
};

/** `isInString`: the parser is inside OSC or DCS. */
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
