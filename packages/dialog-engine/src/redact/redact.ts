import type { Cast, CastEvent } from "../recording/recording.ts";
import { asWords, carried, drawnOnly, joined, type Flat } from "./flatten.ts";
import type { Mark } from "./grams.ts";
import { knownSecrets } from "./known-secrets.ts";
import { findShapes } from "./secret-shapes.ts";

/**
 * Replaces every character of a secret by `*`, so places and lengths stay the same, even if rows, boxes or escape
 * sequences divide the secret. Finds the given secrets as text and as base64, any twelve characters of one (Claude
 * Code shows the last 20 of an API key in its dialog, 1.0.128 the last 28 in its banner), tokens of known shapes,
 * addresses, and the names in the path of `home`, whose slashes stay.
 */
export const redactText = (text: string, secrets: readonly string[] = [], home = ""): string =>
  createRedactor(secrets, home)(text);

/** Redacts a recording like `redactText`, even if a secret is split over several pieces of output. */
export const redactCast = (cast: Cast, secrets: readonly string[] = [], home = ""): Cast => {
  const redact = createRedactor(secrets, home);
  const output = redact(cast.events.map(([, kind, data]) => (kind === "o" ? data : "")).join(""));
  let from = 0;
  const events = cast.events.map(([seconds, kind, data]): CastEvent => {
    if (kind !== "o") return [seconds, kind, redact(data)];
    from += data.length;
    return [seconds, kind, output.slice(from - data.length, from)];
  });
  const { title, command, env, ...rest } = cast.header;
  return {
    header: {
      ...rest,
      ...(title === undefined ? {} : { title: redact(title) }),
      ...(command === undefined ? {} : { command: redact(command) }),
      ...(env === undefined ? {} : { env: redactedValues(env, redact) }),
    },
    events,
  };
};

type Redact = (text: string) => string;

const redactedValues = (env: Readonly<Record<string, string>>, redact: Redact): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, redact(value)]));

const createRedactor = (secrets: readonly string[], home: string): Redact => {
  const known = knownSecrets(secrets);
  return (text) => {
    const hidden = new Uint8Array(text.length);
    const words = asWords(text);
    const together = joined(words);
    if (together.text.length < words.text.length) findShapes(together.text, marksIn(together, hidden));
    for (const view of [words, carried(text)]) {
      const mark = marksIn(view, hidden);
      known.inWords.find(view.text, mark);
      findShapes(view.text, mark);
      const drawn = drawnOnly(view);
      known.inDrawn.find(drawn.text, marksIn(drawn, hidden));
      findHome(drawn, home, marksIn(drawn, hidden));
    }
    return masked(text, hidden);
  };
};

/** Marks in the original text what was found in the reduced one. */
const marksIn =
  ({ at }: Flat, hidden: Uint8Array): Mark =>
  (from, to) => {
    for (const place of at.subarray(from, to)) if (place >= 0) hidden[place] = 1;
  };

/** Line breaks and other controls stay, even inside a secret. */
const masked = (text: string, hidden: Uint8Array): string => {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    let to = from + 1;
    while (to < text.length && hidden[to] === hidden[from]) to += 1;
    const piece = text.slice(from, to);
    pieces.push(
      hidden[from] === 1 ? piece.replace(/[^\p{Cc}]/gu, (found) => "*".repeat(found.length)) : piece,
    );
    from = to;
  }
  return pieces.join("");
};

/** Marks the names in the path of a home folder at every place. Slashes, length and depth stay. */
const findHome = ({ text, at }: Flat, home: string, mark: Mark): void => {
  if (!/^(?:[A-Z]:)?[\\/]+[^\\/]/iu.test(home)) return;
  const path = home.replace(/[\\/]+$/u, "");
  const from = /^(?:[A-Z]:)?/iu.exec(path)?.[0].length ?? 0;
  for (let found = text.indexOf(path); found >= 0; found = text.indexOf(path, found + 1)) {
    const end = found + path.length;
    if (nameContinues(text, at, end)) continue;
    for (let each = found + from; each < end; each += 1)
      if (!/[\\/]/u.test(text[each] ?? "")) mark(each, each + 1);
  }
};

/**
 * True if the name continues, so that the path is another folder: /home/ann occurs in /home/anna. A dot may end a
 * sentence.
 */
const nameContinues = (text: string, at: Int32Array, end: number): boolean => {
  const isNext = at[end] === (at[end - 1] ?? 0) + 1;
  return isNext && /^(?:[\p{L}\p{N}_-]|\.[\p{L}\p{N}_-])/u.test(text.slice(end, end + 2));
};
