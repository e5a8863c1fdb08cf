const codes: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** Whether an error, or its cause, is that of a disk or a quota without room. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && (hasCode(error) || hasCode(error.cause));

const hasCode = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && codes.includes(error.code);
