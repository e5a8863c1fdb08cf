/** The only keys that the engine can send. */
export type Key = "enter" | "up" | "down";

/** The bytes that a terminal sends for a key. Arrows depend on the mode (DECCKM) that the program has set. */
export const encodeKey = (key: Key, applicationCursorKeys: boolean): string => {
  const arrow = applicationCursorKeys ? "\x1bO" : "\x1b[";
  switch (key) {
    case "enter":
      return "\r";
    case "up":
      return `${arrow}A`;
    case "down":
      return `${arrow}B`;
  }
};
