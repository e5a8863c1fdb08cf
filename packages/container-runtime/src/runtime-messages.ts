import type { RuntimeError } from "./runtime-result.ts";

/** Sentences for a person: what happened, and the fix if there is one. */
export const explain = ({ message, fix }: RuntimeError): string =>
  fix === undefined ? message : `${message} ${fix}`;
