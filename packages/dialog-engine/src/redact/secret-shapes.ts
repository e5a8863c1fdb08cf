import type { Mark } from "./grams.ts";
import { isPath, isSecretName } from "./secret-names.ts";

/**
 * Shapes of secrets that need no known value. The part before a deciding character is bounded: otherwise a
 * long text that nearly has the shape would be scanned again from each of its places.
 */
const shapes: readonly RegExp[] = [
  /\b(?:sk|pk|rk)-[\w.…-]{8,}/gu,
  /\b(?:gh[opsur]|github_pat|glpat|xox[abprs]|npm)[_-](?:[\w-]{10,}|[\w-]{4,9}(?:…|\.{3})[\w-]*)/gu,
  /\bAIza[\w-]{20,}/gu,
  /\beyJ[\w-]{10,1000}\.[\w-]{10,}\.[\w-]*/gu,
  /\bBearer\s+[\w.~+/-]{8,}=*/gu,
  /(?<=\bauthorization:[ \t]{0,8})\w{1,20}[ \t]{1,8}[\w.~+/-]{8,}=*/giu,
  /(?<=\bcookie:[ \t]{0,8})[^\s=;,]{1,256}=[^\r\n]+/giu,
  /(?<=\b[a-z][a-z\d+.-]{0,20}:\/\/)[^\s/?#@]{1,300}(?=@)/giu,
  /(?<![^\s"'=])[^\s:@/"'=]{1,64}:[^\s@"']{1,300}(?=@(?:tcp|unix)?\()/giu,
  /\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]+\b/gu,
];

/** A value after its name, as a variable (`DB_PASS=...`), in a DSN or an address, or as a header. */
const named = [
  /(?<![\w-])([A-Za-z_][\w-]{0,63})=["']?([^\s"'&;]{8,})/dgu,
  /(?<![\w-])(x-[\w-]{1,64}):[ \t]{0,8}(\S{8,})/dgiu,
];

/** Marks text in the shape of a secret. */
export const findShapes = (text: string, mark: Mark): void => {
  for (const shape of shapes)
    for (const { 0: found, index } of text.matchAll(shape)) mark(index, index + found.length);
  for (const shape of named)
    for (const { 1: name = "", 2: value = "", indices } of text.matchAll(shape)) {
      const place = indices?.[2];
      if (place && isSecretValue(name, value)) mark(...place);
    }
};

/**
 * A name counts as a variable's only with something before it: `Pwd=` in a DSN is a password, and `PWD=`
 * names a path.
 */
const isSecretValue = (name: string, value: string): boolean =>
  isSecretName(`_${name}`) && !isPath(value) && !/^\d+$/u.test(value);
