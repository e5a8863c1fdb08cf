import { systemCode } from "@gatehouse/std";

/** The text that a file of the kernel has; null where there is no such file. */
export const textOf = (read: () => string): string | null => {
  try {
    return read();
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** The same for a text that stays while this process runs: once it was read, it is not read again. */
export const lastingText = (read: () => string): (() => string | null) => {
  let known: string | null = null;
  return () => (known ??= textOf(read));
};
