import type { Position } from "./position.ts";

/** Where in the file a key may stand. */
export type Place = "file" | "defaults" | "entry";

/** One thing that is wrong in a users.yaml, and where. */
export type UsersProblem = Position &
  (
    | { readonly code: "not-yaml"; readonly detail: string }
    /** Parts of YAML that a list of users needs none of, and that make a short text mean a long one, or another one. */
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
    /** `firstLine` has the other one. */
    | { readonly code: "duplicate-id"; readonly id: number; readonly firstLine: number }
    | { readonly code: "duplicate-account"; readonly account: string; readonly firstLine: number }
    | { readonly code: "provider-needed"; readonly backend: string }
  );
