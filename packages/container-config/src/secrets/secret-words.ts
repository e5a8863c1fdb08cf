const secretWord =
  /^(?:(?:api|app|access|auth|bot|client|master|private|secret|shared|user)?(?:key|token|secret)|passw(?:or)?d|passphrase|pass|pwd|auth|authorization|credentials?|sig|signature|jwt|bearer|cookie|pat)$/u;

/**
 * True for the name of a parameter, flag, variable or header that holds a secret: `apiKey`,
 * `X-Amz-Signature`, `--token`.
 */
export const isSecretName = (name: string): boolean => {
  const words = name
    .replace(/([a-z\d])([A-Z])/gu, "$1-$2")
    .toLowerCase()
    .split(/[^a-z\d]+/u);
  // Only the last word decides: --key-file and page_token_size hold no secret.
  const last = words.findLast((word) => word !== "");
  return last !== undefined && secretWord.test(last);
};

/** Tokens of services that begin with their kind, and signed tokens. */
const knownToken =
  /(?:^|[^A-Za-z\d])(?:(?:sk|pk|rk)[-_][\w-]{10,}|(?:gh[opsur]|github_pat|glpat|xox[abprs]|npm|hf)[_-][\w-]{10,}|AIza[\w-]{20,}|eyJ[\w-]{8,}\.[\w-]{8,})/u;

/** True for a value that begins as the tokens of a known service do. */
export const isKnownToken = (value: string): boolean => knownToken.test(value) && /\d/u.test(value);

/** True for a value in the form of a token: a known beginning, or 20 mixed letters and digits. */
export const looksSecret = (value: string): boolean =>
  isKnownToken(value) || value.split(/[^A-Za-z\d]+/u).some(isRandom);

const isRandom = (part: string): boolean => part.length >= 20 && /\d/u.test(part) && /[A-Za-z]/u.test(part);
