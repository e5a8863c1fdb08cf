import type { Grant } from "../grants.ts";
import type { Explanation, Place, VerdictOf } from "./explanation.ts";

type Refused = VerdictOf<
  | "untrusted-by-user"
  | "home-not-persistable"
  | "root-refused"
  | "key-outside-folder"
  | "not-a-folder"
  | "grants-refused"
>;

/** The folder is refused: by us, by the user, or because it is not a folder. */
export const explainRefused = (verdict: Refused, { workspace, cli }: Place): Explanation => {
  const { title } = cli;
  switch (verdict.code) {
    case "untrusted-by-user":
      return {
        message: `${verdict.file} says that ${verdict.key} is not trusted, and that is respected.`,
        fix: `Change it in ${verdict.file} if it is no longer meant.`,
      };
    case "home-not-persistable":
      return {
        message: `${verdict.key} is the home folder: ${title} would trust everything in it.`,
        fix: "Name a folder below the home folder that is not part of a repository at its top.",
      };
    case "root-refused":
      return {
        message: `The folder's trust would be ${cli.trust === "at-launch" ? "passed" : "recorded"} for ${verdict.key}, and cover everything below it, the home folder too.`,
        fix: "Name the project's own folder.",
      };
    case "key-outside-folder":
      return {
        message: `Trust would not be for ${workspace} alone, so nothing was confirmed: ${verdict.why}`,
        fix: verdict.isReplaced
          ? "See who can write the folders above it, and repeat."
          : "Look at the .git entries of the folder and above it. Name the repository's own folder if it is meant.",
      };
    case "not-a-folder":
      return {
        message: `${workspace} is no folder that can be read (${verdict.detail}).`,
        fix: "Create it first, or correct the path.",
      };
    case "grants-refused":
      return {
        message: `${workspace} pre-approves ${grantList(verdict.grants)}, which \`refuseGrants\` refuses.`,
        fix: "Review and remove them, or leave `refuseGrants` out.",
      };
  }
};

/** Why a key does not belong to the folder. `doubt` is a sentence. */
export const whyOutside = (key: string | null, doubt: string): string =>
  key === null
    ? doubt
    : `it would be recorded for ${key}, and nothing shows that this is the folder's own repository. ${doubt}`;

/** Formats grants: `2 permissions (Bash, Read), 1 hook (PreToolUse)`. */
export const grantList = (grants: readonly Grant[]): string =>
  [...new Set(grants.map(({ kind }) => kind))]
    .map((kind) => {
      const names = grants.filter((grant) => grant.kind === kind).map(({ name }) => name);
      const shown = names.length > 5 ? [...names.slice(0, 5), "..."] : names;
      return `${names.length} ${kind}${names.length === 1 ? "" : "s"} (${shown.join(", ")})`;
    })
    .join(", ");
