/**
 * The code of an error from the operating system or Node (`ENOENT`). Any other error is a bug and is
 * rethrown.
 */
export const systemCode = (error: unknown): string => {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
};
