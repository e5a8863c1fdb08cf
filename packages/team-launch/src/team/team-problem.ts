import type { CommandInPrompt, Provider } from "@gatehouse/provider-facts";

/** A place in a team file: line and column (UTF-16 units) from 1. */
export type Position = { readonly line: number; readonly column: number };

/** The two kinds of mappings in a team file. The lead counts as a member too. */
export type Place = "team" | "member";

/** A problem of a team file, with its place. `explain` turns it into sentences. */
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
        /** The key that the author probably meant. */
        readonly meant: string | null;
      }
    | { readonly code: "missing-key"; readonly key: string; readonly place: Place }
    | {
        readonly code: "bad-value";
        readonly key: string;
        /** Completes "... must be". */
        readonly expects: string;
        /** The value in the file, shortened. */
        readonly found: string;
      }
    | { readonly code: "unknown-provider"; readonly found: string; readonly meant: string | null }
    | {
        readonly code: "command-in-prompt";
        /** The effect of the prompt in the provider's CLI. */
        readonly does: CommandInPrompt;
        readonly provider: Provider;
      }
    | { readonly code: "duplicate-name"; readonly name: string; readonly firstLine: number }
  );
