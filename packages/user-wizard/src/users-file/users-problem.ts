import type { UnsafeUsersFile } from "./users-file-safety.ts";

/** Limits for reading a users.yaml. A larger file is refused, because no person wrote it by hand. */
export const limits: { readonly fileBytes: number; readonly depth: number; readonly problems: number } = {
  /**
   * UTF-8 bytes: about 1,200 users with ten lines each. The host parses the file in its own thread, so a large
   * file delays its other work: 900 kB took 1.5 to 4.5 seconds on two busy cores.
   */
  fileBytes: 256 * 1024,
  /** Levels of nesting; a list of users needs five. */
  depth: 32,
  /** Maximum problems reported for one file. */
  problems: 1_000,
};

/** A position in a text: lines and columns (UTF-16 units) from 1. */
export type Position = { readonly line: number; readonly column: number };

/** The part of the file in which a key is. */
export type FilePart = "file" | "defaults" | "entry";

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
          | "anchor"
          | "alias"
          | "tag"
          | "directive"
          | "second document"
          | "lone carriage return";
      }
    | { readonly code: "duplicate-key"; readonly key: string }
    | {
        readonly code: "unknown-key";
        readonly key: string;
        readonly place: FilePart;
        readonly meant: string | null;
      }
    | { readonly code: "not-a-mapping"; readonly place: FilePart }
    | { readonly code: "not-a-list" }
    | { readonly code: "missing-key"; readonly key: string }
    | {
        readonly code: "bad-value";
        readonly key: string;
        readonly found: string;
        readonly expects: string;
      }
    /** `firstLine` is the line of the other entry. */
    | {
        readonly code: "duplicate-id";
        /** `telegram_id`, or another key with an id. */
        readonly key: string;
        readonly id: number | string;
        readonly firstLine: number;
      }
    | { readonly code: "duplicate-account"; readonly account: string; readonly firstLine: number }
    | { readonly code: "provider-needed"; readonly backend: string }
  );

/** Why a users.yaml could not be loaded. The host keeps the users it has. */
export type LoadError =
  | { readonly code: "users-file-missing"; readonly path: string }
  /**
   * The file has no list of users: it is just being written, or the disk was full. With no users loaded yet,
   * this means an empty list.
   */
  | { readonly code: "users-file-empty"; readonly path: string }
  | { readonly code: "users-file-unreadable"; readonly path: string; readonly errno: string }
  | { readonly code: "users-file-too-large"; readonly path: string }
  | UnsafeUsersFile
  | {
      readonly code: "users-file-invalid";
      readonly path: string;
      readonly problems: readonly UsersProblem[];
    };

/** Shortens text of a file for a message. */
export const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
