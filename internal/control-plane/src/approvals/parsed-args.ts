import type { Args } from "@nc/cli-scope";

/** Checked arguments as `hold` wrote them. */
export const parsedArgs = (json: string): Args => JSON.parse(json) as Args;

/** What a command would do, as `hold` wrote it. */
export const parsedLines = (json: string | null): readonly string[] | null =>
  json === null ? null : (JSON.parse(json) as readonly string[]);
