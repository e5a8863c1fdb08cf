/** The fields that have a value. A field that is undefined is left out. */
export const defined = <Fields extends object>(
  fields: Fields,
): { readonly [K in keyof Fields]?: Exclude<Fields[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof Fields]?: Exclude<Fields[K], undefined>;
  };
