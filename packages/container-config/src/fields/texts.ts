import * as z from "zod";

/** One line of text: no control characters, no line breaks. `most` is in UTF-16 units. */
export const line = (most: number): z.ZodType<string> =>
  z
    .string()
    .min(1, "is empty")
    .max(most, `has more than ${most} characters`)
    .refine((text) => !hasControlCharacter(text), "has a control character or a line break in it");

/**
 * Text of several lines. Refuses characters that databases do not keep: NUL, and halves of surrogate pairs.
 */
export const prose = (most: number): z.ZodType<string> =>
  z
    .string()
    .max(most, `has more than ${most} characters`)
    .refine((text) => !/\0|\p{Surrogate}/u.test(text), "has characters that no text has (NUL)");

/** Text of this form. `form` continues "is not": "a package name, such as ripgrep". */
export const shaped = (pattern: RegExp, form: string): z.ZodType<string> =>
  z.string().min(1, "is empty").regex(pattern, `is not ${form}`);

/** C0, DEL, C1, the Unicode line breaks, and halves of surrogate pairs. */
export const hasControlCharacter = (text: string): boolean =>
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u.test(text);
