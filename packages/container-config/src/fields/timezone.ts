import * as z from "zod";

/**
 * A timezone's IANA name, written as the timezone database writes it: containers look it up as a file's name.
 */
export const timezone: z.ZodType<string> = z.string().transform((typed, context) => {
  const name = ianaName(typed);
  if (name !== null) return name;
  context.addIssue("is not a timezone's IANA name, such as Europe/Berlin or UTC");
  return z.NEVER;
});

const shape = /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,31}){0,2}$/;
const written = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z0-9][A-Za-z0-9_+-]*)*$/;

/**
 * `europe/berlin` is Europe/Berlin. A second name for a place, such as Asia/Kolkata for Asia/Calcutta, stays
 * as typed.
 */
const ianaName = (typed: string): string | null => {
  if (!shape.test(typed)) return null;
  const known = canonical(typed);
  if (known === null || known.toLowerCase() === typed.toLowerCase()) return known;
  return written.test(typed) ? typed : known;
};

const canonical = (name: string): string | null => {
  // The language has no check for this that does not throw.
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
