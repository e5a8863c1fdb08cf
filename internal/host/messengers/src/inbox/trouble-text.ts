import type { CallError } from "../messenger.ts";

const toMend = ". To mend it, ";

/** The trouble of a bot as the database and the log have it: a sentence, and the clause of its fix. */
export const troubleText = ({ message, fix }: Pick<CallError, "message" | "fix">): string =>
  fix === undefined ? message : `${message.replace(/\.$/, "")}${toMend}${fix}`;

/** A text that ends with a trouble, without the fix, and the fix. */
export const apartFromFix = (text: string): { readonly message: string; readonly fix?: string } => {
  const at = text.lastIndexOf(toMend);
  return at < 0
    ? { message: text }
    : { message: `${text.slice(0, at)}.`, fix: text.slice(at + toMend.length) };
};
