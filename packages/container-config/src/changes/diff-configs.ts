import type { Need } from "../fields/field.ts";
import { fieldNames, fields, type Settings } from "../fields/fields.ts";

/** One field that differs. */
export type ConfigChange = {
  readonly [Name in keyof Settings]: {
    readonly field: Name;
    readonly before: Settings[Name];
    readonly after: Settings[Name];
    readonly needs: Need;
  };
}[keyof Settings];

/** The fields that differ, in the order of the fields. */
export const diffConfigs = (before: Settings, after: Settings): readonly ConfigChange[] =>
  fieldNames
    .filter((field) => !isSame(before[field], after[field]))
    .map(
      (field) =>
        ({
          field,
          before: before[field],
          after: after[field],
          needs: fields[field].needs,
        }) as ConfigChange,
    );

/** The strongest need of all changes; null without changes. */
export const needOf = (changes: readonly { readonly needs: Need }[]): Need | null =>
  (["rebuild", "restart", "now"] as const).find((need) => changes.some((change) => change.needs === need)) ??
  null;

/** The changes that a running container gets only by a restart or a new image. */
export const driftIn = <Change extends { readonly needs: Need }>(
  changes: readonly Change[],
): readonly Change[] => changes.filter(({ needs }) => needs !== "now");

/** True if both are equal as JSON. The order of keys is ignored. */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === other || canonical(one) === canonical(other);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
