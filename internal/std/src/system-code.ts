/** The code of an error that the operating system or Node reported (`ENOENT`). Anything else is a bug and is thrown on. */
export const systemCode = (error: unknown): string => {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
};
