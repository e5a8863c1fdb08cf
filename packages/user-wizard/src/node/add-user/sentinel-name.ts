import { randomBytes } from "node:crypto";

/** The name of a file to be tried out: whoever owns the directory cannot put something there before. */
export const sentinelName = (): string => `.gatehouse-try-out-${randomBytes(12).toString("hex")}`;
