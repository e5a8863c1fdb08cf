import type { Need } from "../fields/field.ts";
import type { Settings } from "../fields/fields.ts";
import {
  factsOf,
  packageFields,
  type AnyFields,
  type ConfigFields,
  type NoFields,
} from "../fields/host-fields.ts";

/** One field that differs. `Own` are the values of the host's own fields. */
export type ConfigChange<Own extends object = NoFields> = {
  readonly [Name in keyof (Settings & Own)]: {
    readonly field: Name;
    readonly before: (Settings & Own)[Name];
    readonly after: (Settings & Own)[Name];
    readonly needs: Need;
  };
}[keyof (Settings & Own)];

/** The fields that differ, in the order of the fields. */
export const diffConfigs = <Own extends object = NoFields>(
  before: Settings & NoInfer<Own>,
  after: Settings & NoInfer<Own>,
  fields?: ConfigFields<Own>,
): readonly ConfigChange<Own>[] =>
  diffSettings(before, after, fields ?? packageFields) as readonly object[] as readonly ConfigChange<Own>[];

/** Like `diffConfigs`, for any set of fields. */
export const diffSettings = (before: Settings, after: Settings, fields: AnyFields): readonly ConfigChange[] =>
  (fields.names as readonly (keyof Settings)[])
    .filter((field) => !isSame(before[field], after[field]))
    .map(
      (field) =>
        ({
          field,
          before: before[field],
          after: after[field],
          needs: factsOf(fields, field).needs,
        }) as ConfigChange,
    );

/** The strongest need of all changes; null without changes. */
export const needOf = (changes: readonly { readonly needs: Need }[]): Need | null =>
  (["rebuild", "restart", "now"] as const).find((need) => changes.some((change) => change.needs === need)) ??
  null;

/** True if both are equal as JSON. The order of keys is ignored. */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === other || canonical(one) === canonical(other);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
