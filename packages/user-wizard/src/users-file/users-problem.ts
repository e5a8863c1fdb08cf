import type { Position } from "./position.ts";

/** The part of the file in which a key is. */
export type Place = "file" | "defaults" | "entry";

/** One problem in a users.yaml, and its position. */
export type UsersProblem = Position &
  (
    | { readonly code: "not-yaml"; readonly detail: string }
    /**
     * YAML features that a list of users does not need, and that let a short text mean a long or a different
     * one.
     */
    | {
        readonly code: "yaml-feature-refused";
        readonly feature:
          "anchor" | "alias" | "tag" | "directive" | "second document" | "lone carriage return";
      }
    | { readonly code: "duplicate-key"; readonly key: string }
    | {
        readonly code: "unknown-key";
        readonly key: string;
        readonly place: Place;
        readonly meant: string | null;
      }
    | { readonly code: "not-a-mapping"; readonly place: Place }
    | { readonly code: "not-a-list" }
    | { readonly code: "missing-key"; readonly key: string }
    | {
        readonly code: "bad-value";
        readonly key: string;
        readonly found: string;
        readonly expects: string;
      }
    /** `firstLine` is the line of the other entry. */
    | { readonly code: "duplicate-id"; readonly id: number; readonly firstLine: number }
    | { readonly code: "duplicate-account"; readonly account: string; readonly firstLine: number }
    | { readonly code: "provider-needed"; readonly backend: string }
  );
