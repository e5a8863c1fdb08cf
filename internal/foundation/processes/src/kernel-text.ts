import { systemCode } from "@gatehouse/std";

/** The text of a kernel file; null if there is no such file. */
export const textOf = (read: () => string): string | null => {
  try {
    return read();
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** The same for a text that stays constant while this process runs: it is read once. */
export const lastingText = (read: () => string): (() => string | null) => {
  let known: string | null = null;
  return () => (known ??= textOf(read));
};
