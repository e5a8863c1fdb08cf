import type { RuntimeError } from "./runtime-result.ts";

/** A sentence for a person: what happened, and what to do about it if that is known. */
export const explain = ({ message, fix }: RuntimeError): string =>
  fix === undefined ? message : `${message} ${fix}`;
