import type { Args } from "@nc/cli-scope";

/** Checked arguments as `hold` wrote them. */
export const parsedArgs = (json: string): Args => JSON.parse(json) as Args;
