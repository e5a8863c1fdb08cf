import { randomBytes } from "node:crypto";

/** A name for the test file. It is random, so the directory's owner cannot create the file beforehand. */
export const sentinelName = (): string => `.gatehouse-try-out-${randomBytes(12).toString("hex")}`;
