import type { CompiledQuery, Kysely } from "kysely";

type Values = Readonly<Record<string, unknown>>;

/** The result of a statement. */
type Outcome<Row> = { readonly rows: readonly Row[]; readonly affected: number };

/**
 * A query that is compiled once for each database and then run with new values, on any dialect: Kysely takes
 * longer to build and compile a look-up than SQLite takes to run it. `build` is called with a placeholder for
 * every value.
 */
export const statement = <Tables, Of extends Values, Row>(
  build: (db: Kysely<Tables>, values: Of) => { compile(): CompiledQuery<Row> },
): ((db: Kysely<Tables>, values: Of) => Promise<Outcome<Row>>) => {
  // A database has one adapter, which its transactions share.
  const built = new WeakMap<object, CompiledQuery<Row>>();
  return async (db, values) => {
    const { adapter } = db.getExecutor();
    const query = built.get(adapter) ?? build(db, placeholders as Of).compile();
    built.set(adapter, query);
    const parameters = query.parameters.map((parameter) => valueFor(parameter, values));
    const { rows, numAffectedRows = 0n } = await db.executeQuery<Row>({ ...query, parameters });
    return { rows, affected: Number(numAffectedRows) };
  };
};

class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Returns a placeholder for every name. */
const placeholders: Values = new Proxy({}, { get: (_target, name) => new Placeholder(String(name)) });

const valueFor = (parameter: unknown, values: Values): unknown =>
  parameter instanceof Placeholder ? values[parameter.name] : parameter;
