import { redactText } from "@trust/dialog-engine";

/** Characters that are searched for secrets. Fewer are kept: a cut must not leave the half of a secret. */
const mostSearched = 2_000;
const mostKept = 300;

/** The id of a person by an address of mail, which `redactText` removes: `slack:ada@example.com`. */
const personForm = /^[a-z][a-z0-9_-]{0,30}:[^\s@:/?#]{1,100}@[\w.-]{1,100}$/;

/** The name of a secret, and its value: `--api-key VALUE`, `PASSWORD=VALUE`, `"token": "VALUE"`. */
const named =
  /((?:^|[\s"'{,;&?(-])(?:[\w-]*[_-])?(?:token|secret|password|passwd|passphrase|credentials?|api[-_]?key|access[-_]?key|private[-_]?key|auth)["']?(?:\s*[=:]\s*|\s+))("[^"]*"|'[^']*'|[^\s"'&,;]+)/gi;

/** The account before the `@` of an address, and the text after `?`. */
const inAddress = /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#@]*@)?([^\s?#"']*)(\?[^\s#"']*)?/gi;

/**
 * A value for the log of decisions: without secrets of a known form or name, and of limited length. A secret without
 * such a form stays, so values of fields that may hold any secret must not come here.
 */
export const withoutSecrets = (text: string): string => {
  if (personForm.test(text)) return text;
  const safe = redactText(text.slice(0, mostSearched))
    .replace(
      inAddress,
      (_, scheme: string, place: string, query?: string) =>
        `${scheme}${place}${query === undefined ? "" : "?***"}`,
    )
    .replace(named, "$1***");
  const isWhole = safe.length <= mostKept && text.length <= mostSearched;
  return isWhole ? safe : `${safe.slice(0, mostKept)}… (${text.length} characters)`;
};
