/** Splits a text that arrives in chunks into lines, at LF alone. */
export type TextLines = {
  /** Returns the lines that a chunk completed, without their LF or CRLF. */
  readonly push: (chunk: string) => readonly string[];
  /** Removes and returns the text after the last LF; null if there is none. */
  readonly rest: () => string | null;
};

/**
 * Protocols of JSON Lines end a line with LF. Node 24's `readline` also splits at U+2028 and U+2029 (24.21.0), which JSON
 * allows inside of a text: Codex's app-server does not escape them (0.169.0).
 */
export const textLines = (): TextLines => {
  // A long line that arrives in many chunks is joined once.
  let parts: string[] = [];
  return {
    push: (chunk) => {
      const [first = "", ...others] = chunk.split("\n");
      parts.push(first);
      if (others.length === 0) return [];
      const lines = [parts.join(""), ...others.slice(0, -1)];
      parts = [others.at(-1) ?? ""];
      return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    },
    rest: () => {
      const rest = parts.join("");
      parts = [];
      return rest === "" ? null : rest;
    },
  };
};

/** A stream of UTF-8, such as a program's stdout. */
type Utf8Stream = {
  readonly setEncoding: (encoding: "utf8") => unknown;
  readonly on: ((event: "data", listener: (chunk: string) => void) => unknown) &
    ((event: "end", listener: () => void) => unknown);
};

/** Calls `onLine` with each line of a stream, also with a last one without its LF. */
export const onLines = (stream: Utf8Stream, onLine: (line: string) => void): void => {
  const lines = textLines();
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => lines.push(chunk).forEach(onLine));
  stream.on("end", () => {
    const rest = lines.rest();
    if (rest !== null) onLine(rest);
  });
};
