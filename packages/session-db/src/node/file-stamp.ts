import { lstatSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** How a file looks from outside. */
export type FileStamp = {
  readonly text: string;
  /** A write in the same tick of the kernel's clock would leave it as it is. */
  readonly isTooFresh: boolean;
};

/** Kernels tick every 10 ms at most; a network's file system may round to a second. */
const freshMs = 2_000;

/** Looks at a file without opening it. */
export const stampOf = (file: string): FileStamp => {
  try {
    return stampNow(file);
  } catch (error) {
    return { text: systemCode(error), isTooFresh: true };
  }
};

const stampNow = (file: string): FileStamp => {
  const there = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (there === undefined) return { text: "missing", isTooFresh: false };
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = there;
  const isTooFresh = Math.abs(Date.now() - Number(ctimeMs)) < freshMs;
  return { text: [dev, ino, size, mtimeNs, ctimeNs].join(" "), isTooFresh };
};
