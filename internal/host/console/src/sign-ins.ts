import { hash, randomBytes, randomInt } from "node:crypto";

/** A signed-in browser. */
export type SignedIn = {
  /** The person; null for the operator. */
  readonly userId: string | null;
  /** Every form of this browser sends it back. */
  readonly formToken: string;
};

/** The sign-ins of one host. They end with it, and only their hashes are kept. */
export type SignIns = {
  /** Makes a code, which signs one browser in within `codeMs`. */
  readonly invite: (userId: string | null) => string;
  /** Takes a code. Returns the secret of a new cookie; null if the code is wrong, used or too old. */
  readonly takeCode: (code: string) => string | null;
  /** Returns the sign-in of a cookie; null if there is none any more. */
  readonly of: (cookie: string) => SignedIn | null;
  readonly signOut: (cookie: string) => void;
};

/** How long a code may be used, ms. */
export const codeMs: number = 60_000;
/** How long a sign-in lasts, ms. */
export const signInMs: number = 12 * 60 * 60 * 1000;

/** Wrong codes within a minute after which all open codes end. */
const mostWrongCodes = 20;
/** Open codes, and sign-ins; above it the oldest ends. */
const [mostCodes, mostSignIns] = [100, 1_000];

/** Letters and digits that no reader takes for another: nearly 5 bits each. */
const letters = "abcdefghjkmnpqrstuvwxyz23456789";
const codeLength = 20;

type Kept = { readonly userId: string | null; readonly until: number };

/** Keeps sign-ins in memory. `now` is a time in ms. */
export const signIns = (now: () => number): SignIns => {
  const codes = new Map<string, Kept>();
  const signedIn = new Map<string, Kept & SignedIn>();
  let wrong: number[] = [];
  const isWrong = (): null => {
    wrong = [...wrong.filter((at) => at > now() - 60_000), now()];
    if (wrong.length >= mostWrongCodes) codes.clear();
    return null;
  };
  return {
    invite: (userId) => {
      const code = newCode();
      add(codes, hashOf(code), { userId, until: now() + codeMs }, mostCodes);
      return code.replace(/(.{5})(?=.)/g, "$1-");
    },
    takeCode: (typed) => {
      const hash = hashOf(typed.toLowerCase().replace(/[^a-z0-9]/g, ""));
      const code = codes.get(hash);
      codes.delete(hash);
      if (code === undefined || code.until < now()) return isWrong();
      const cookie = randomBytes(32).toString("base64url");
      const formToken = randomBytes(18).toString("base64url");
      const kept = { userId: code.userId, formToken, until: now() + signInMs };
      add(signedIn, hashOf(cookie), kept, mostSignIns);
      return cookie;
    },
    of: (cookie) => {
      const kept = signedIn.get(hashOf(cookie));
      return kept === undefined || kept.until < now() ? null : kept;
    },
    signOut: (cookie) => void signedIn.delete(hashOf(cookie)),
  };
};

const newCode = (): string =>
  Array.from({ length: codeLength }, () => letters[randomInt(letters.length)]).join("");

const hashOf = (secret: string): string => hash("sha256", secret, "base64url");

/** Adds an entry, and removes the oldest above the limit. */
const add = <T>(map: Map<string, T>, key: string, value: T, most: number): void => {
  map.set(key, value);
  for (const oldest of [...map.keys()].slice(0, Math.max(0, map.size - most))) map.delete(oldest);
};
