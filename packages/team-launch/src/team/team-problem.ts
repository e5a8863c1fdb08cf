import type { CommandInPrompt, Provider } from "@gatehouse/std";

/** A place in a team file: line and column (UTF-16 units) from 1. */
export type Position = { readonly line: number; readonly column: number };

/** The two kinds of mappings in a team file. The lead is a member, too. */
export type Place = "team" | "member";

/** What is wrong with a team file, and where. `explain` has the sentences. */
export type TeamProblem = Position &
  (
    | { readonly code: "not-yaml"; readonly detail: string }
    | { readonly code: "yaml-feature-refused"; readonly feature: "alias" | "anchor" | "tag" | "merge key" }
    | { readonly code: "too-large"; readonly unit: "characters" | "levels"; readonly most: number }
    | { readonly code: "not-a-mapping"; readonly place: Place }
    | { readonly code: "not-a-list"; readonly key: string }
    | { readonly code: "duplicate-key"; readonly key: string; readonly place: Place }
    | {
        readonly code: "unknown-key";
        readonly key: string;
        readonly place: Place;
        /** The key that was probably meant. */
        readonly meant: string | null;
      }
    | { readonly code: "missing-key"; readonly key: string; readonly place: Place }
    | {
        readonly code: "bad-value";
        readonly key: string;
        /** Completes "... must be". */
        readonly expects: string;
        /** As it is in the file, shortened. */
        readonly found: string;
      }
    | { readonly code: "unknown-provider"; readonly found: string; readonly meant: string | null }
    | {
        readonly code: "command-in-prompt";
        /** What the provider's CLI would do with it. */
        readonly does: CommandInPrompt;
        readonly provider: Provider;
      }
    | { readonly code: "duplicate-name"; readonly name: string; readonly firstLine: number }
  );
