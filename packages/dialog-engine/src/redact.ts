import type { Cast, CastEvent } from "./recording.ts";

/** Shapes of secrets that are known without knowing the secret. */
const shapes: readonly RegExp[] = [
  /\b(?:sk|pk|rk)-[\w.-]{8,}/gu,
  /\b(?:gh[opsur]|github_pat|glpat|xox[abprs]|npm)[_-][\w-]{10,}/gu,
  /\bAIza[\w-]{20,}/gu,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/gu,
  /\bBearer\s+[\w.~+/-]{8,}=*/gu,
  /(?<=\b[a-z][a-z\d+.-]{0,20}:\/\/)[^\s/?#@]{1,300}(?=@)/giu,
  /\b[\w.+-]+@[\w-]+\.[\w.-]+\b/gu,
];

const secretName = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/iu;

/** The values in an environment that are secrets by their variable's name, and long enough to be told from a word. */
export const secretsIn = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value.length >= 8 && secretName.test(name) ? [value] : [],
  );

/**
 * Replaces every character of a secret by `*`, so that places and lengths stay. Beside the secrets given, their ends
 * are looked for (of an API key Claude Code shows the last 20 characters in its dialog, 1.0.128 the last 28 in its
 * banner), tokens of known shapes, and addresses.
 */
export const redactText = (text: string, secrets: readonly string[] = []): string => {
  const known = secrets.flatMap(endsOf);
  const literal = known.reduce((rest, secret) => rest.replaceAll(secret, masked), text);
  return shapes.reduce((rest, shape) => rest.replace(shape, masked), literal);
};

/** A secret and its ends, longest first. An end is looked for from 12 characters on: a shorter one may be a word. */
const endsOf = (secret: string): string[] =>
  Array.from({ length: Math.max(1, secret.length - 11) }, (_, from) => secret.slice(from));

const masked = (found: string): string => "*".repeat(found.length);

/** The same for a recording, also where a secret is split over several pieces of output. */
export const redactCast = (cast: Cast, secrets: readonly string[] = []): Cast => {
  const output = redactText(
    cast.events.map(([, kind, data]) => (kind === "o" ? data : "")).join(""),
    secrets,
  );
  let from = 0;
  const events = cast.events.map(([seconds, kind, data]): CastEvent => {
    if (kind !== "o") return [seconds, kind, redactText(data, secrets)];
    from += data.length;
    return [seconds, kind, output.slice(from - data.length, from)];
  });
  const { title, command, ...rest } = cast.header;
  return {
    header: {
      ...rest,
      ...(title === undefined ? {} : { title: redactText(title, secrets) }),
      ...(command === undefined ? {} : { command: redactText(command, secrets) }),
    },
    events,
  };
};
