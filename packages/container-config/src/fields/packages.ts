import { z } from "zod";
import { shaped } from "./texts.ts";

/**
 * A Debian package's name. It becomes a word of `apt-get install`. A name may not start with - (an option),
 * nor end with - (apt-get would remove that package).
 */
export const aptPackage: z.ZodType<string> = shaped(
  /^[a-z0-9][a-z0-9+._-]{0,126}[a-z0-9+]$/,
  "the name of a Debian package, such as ripgrep or g++",
);

/** An npm package, with an optional version or tag; a word of `pnpm install -g`. */
export const npmPackage: z.ZodType<string> = shaped(
  /^(?:@[a-z0-9][a-z0-9._-]{0,100}\/)?[a-z0-9][a-z0-9._-]{0,110}(?:@[0-9A-Za-z][0-9A-Za-z.+-]{0,63})?$/,
  "the name of an npm package, such as typescript, @scope/tool or tool@1.2.3",
);

/** A list without repetitions. */
export const packagesOf = (name: z.ZodType<string>): z.ZodType<readonly string[]> =>
  z
    .array(name)
    .max(200, "has more than 200 packages")
    .refine((names) => new Set(names).size === names.length, "names a package twice");
