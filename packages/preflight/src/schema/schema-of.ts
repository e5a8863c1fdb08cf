/** A JSON Schema: keywords and their values. */
export type Schema = { readonly [keyword: string]: unknown };

/** The schema of a field that may be missing. */
type Optional = { readonly optional: Schema };

/** One schema for each field of `T`. The compiler refuses a missing, a strange, or a wrongly optional field. */
type Fields<T> = { readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional : Schema };

export const optional = (schema: Schema): Optional => ({ optional: schema });

/** An object with these fields and no others. */
export const objectOf = <T>(fields: Fields<T>, more: Schema = {}): Schema => {
  const entries = Object.entries(fields as { readonly [name: string]: Schema | Optional });
  const isOptional = (schema: Schema | Optional): schema is Optional => "optional" in schema;
  return {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name, isOptional(schema) ? schema.optional : schema]),
    ),
    required: entries.flatMap(([name, schema]) => (isOptional(schema) ? [] : [name])),
    additionalProperties: false,
    ...more,
  };
};

/** One of these names: all of a union, as the compiler checks. */
export const oneOfNames = <Name extends string>(names: { readonly [N in Name]: true }): Schema => ({
  enum: Object.keys(names),
});

export const text: Schema = { type: "string" };
export const count: Schema = { type: "integer", minimum: 0 };
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
export const listOf = (items: Schema): Schema => ({ type: "array", items });
export const mapOf = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
export const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
