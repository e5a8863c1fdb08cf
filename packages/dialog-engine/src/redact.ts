import type { Cast, CastEvent } from "./recording.ts";

/**
 * Shapes of secrets that are known without knowing the secret. What may stand before a sign that decides is bounded: a
 * long text that nearly has the shape would else be gone through again from each of its places.
 */
const shapes: readonly RegExp[] = [
  /\b(?:sk|pk|rk)-[\w.-]{8,}/gu,
  /\b(?:gh[opsur]|github_pat|glpat|xox[abprs]|npm)[_-][\w-]{10,}/gu,
  /\bAIza[\w-]{20,}/gu,
  /\beyJ[\w-]{10,1000}\.[\w-]{10,}\.[\w-]*/gu,
  /\bBearer\s+[\w.~+/-]{8,}=*/gu,
  /(?<=\b[a-z][a-z\d+.-]{0,20}:\/\/)[^\s/?#@]{1,300}(?=@)/giu,
  /\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]+\b/gu,
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
  const places = secrets.flatMap((secret) => placesOf(secret, text));
  return shapes.reduce((rest, shape) => rest.replace(shape, masked), maskedAt(places, text));
};

type Place = { readonly from: number; readonly to: number };

/** An end of a secret is looked for from so many characters on: a shorter one may be a word. */
const shortestEnd = 12;

/** Where a secret, or an end of it, stands in a text: each place as long as what stands there of it. */
const placesOf = (secret: string, text: string): Place[] => {
  const end = secret.slice(-shortestEnd);
  const places: Place[] = [];
  if (end === "") return places;
  for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) {
    let known = secret.length - end.length;
    let from = at;
    while (known > 0 && from > 0 && text[from - 1] === secret[known - 1]) {
      from -= 1;
      known -= 1;
    }
    places.push({ from, to: at + end.length });
  }
  return places;
};

/** The text with these places masked; they may lie in each other, as one secret does that ends another. */
const maskedAt = (places: readonly Place[], text: string): string => {
  const pieces: string[] = [];
  let done = 0;
  for (const { from, to } of [...places].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (to <= done) continue;
    pieces.push(text.slice(done, Math.max(from, done)), masked(text.slice(Math.max(from, done), to)));
    done = to;
  }
  return pieces.join("") + text.slice(done);
};

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
  const { title, command, env, ...rest } = cast.header;
  return {
    header: {
      ...rest,
      ...(title === undefined ? {} : { title: redactText(title, secrets) }),
      ...(command === undefined ? {} : { command: redactText(command, secrets) }),
      ...(env === undefined ? {} : { env: redactedValues(env, secrets) }),
    },
    events,
  };
};

const redactedValues = (
  env: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, redactText(value, secrets)]));
