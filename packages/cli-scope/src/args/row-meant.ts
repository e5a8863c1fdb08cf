/** A row as people may name it. */
export type NamedRow = {
  readonly id: string;
  /** Its display name, and for a group its folder. */
  readonly names: readonly string[];
};

const lower = (text: string): string => text.toLowerCase();

/** Checks if a text has the form of a generated id: `ag-...` for the prefix `ag`. Such a text is never a name. */
export const isIdForm = (text: string, idPrefix: string | undefined): boolean =>
  idPrefix !== undefined && text.startsWith(`${idPrefix}-`) && text.length > idPrefix.length + 1;

/**
 * The rows that a text may mean, the one rule for chat and every command: the row with this id; else those with
 * this name, in any case. A text in the form of a generated id means the rows whose id begins with it, and is
 * never a name. Several rows: the text is ambiguous, and the caller refuses it.
 */
export const rowsMeant = <R extends NamedRow>(
  rows: readonly R[],
  text: string,
  idPrefix?: string,
): readonly R[] => {
  const exact = rows.filter(({ id }) => id === text);
  if (exact.length > 0) return exact;
  if (isIdForm(text, idPrefix)) return rows.filter(({ id }) => id.startsWith(text));
  return rows.filter(({ names }) => names.map(lower).includes(lower(text)));
};
