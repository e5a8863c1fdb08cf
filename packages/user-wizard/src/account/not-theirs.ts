/** A person's own directory, or a file in it, belongs to another account (`uid`). */
export type NotTheirs = {
  readonly code: "not-theirs";
  readonly path: string;
  readonly kind: "directory" | "file";
  readonly account: string;
  readonly uid: number;
};
