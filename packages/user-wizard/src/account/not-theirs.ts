/** A person's own directory, or a file in it, is another account's (`uid`). */
export type NotTheirs = {
  readonly code: "not-theirs";
  readonly path: string;
  readonly kind: "directory" | "file";
  readonly account: string;
  readonly uid: number;
};
