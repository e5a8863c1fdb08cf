/** The system's name for what went wrong (`ENOENT`). Anything else is a bug and rises. */
export const systemCode = (error: unknown): string => {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
};
