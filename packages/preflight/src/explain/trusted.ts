import type { Explanation, Place, VerdictOf } from "./explanation.ts";

type Trusted = VerdictOf<
  | "trusted"
  | "already-trusted-after-wait"
  | "already-trusted"
  | "covered-by-parent"
  | "not-asked"
  | "not-needed"
  | "passed-at-launch"
>;

/** The folder is trusted, or needs no trust. */
export const explainTrusted = (verdict: Trusted, { cli }: Place): Explanation => {
  const { title } = cli;
  switch (verdict.code) {
    case "trusted":
      return { message: `${title} trusts ${verdict.key}.` };
    case "already-trusted-after-wait":
      return { message: `${title} trusts ${verdict.key}: another process confirmed it meanwhile.` };
    case "already-trusted":
    case "covered-by-parent":
    case "not-asked":
      return { message: verdict.why };
    case "not-needed":
      return { message: `${title} asks for trust in no folder.` };
    case "passed-at-launch":
      return {
        message: `Start ${title} with this launch: it says that ${verdict.key} is trusted. Nothing is recorded, so every start needs it.`,
      };
  }
};
