import type { CompiledQuery, Kysely } from "kysely";

type Values = Readonly<Record<string, unknown>>;

/** What a statement gave. */
type Outcome<Row> = { readonly rows: readonly Row[]; readonly affected: number };

/**
 * A query that is built once for each dialect and then run with ever new values: to build and compile it takes Kysely
 * longer than SQLite takes to run it. `build` is called with a stand-in for every value.
 */
export const statement = <Tables, Of extends Values, Row>(
  build: (db: Kysely<Tables>, values: Of) => { compile(): CompiledQuery<Row> },
): ((db: Kysely<Tables>, values: Of) => Promise<Outcome<Row>>) => {
  // A dialect has one adapter, which its transactions share.
  const built = new WeakMap<object, CompiledQuery<Row>>();
  return async (db, values) => {
    const { adapter } = db.getExecutor();
    const query = built.get(adapter) ?? build(db, standIns as Of).compile();
    built.set(adapter, query);
    const parameters = query.parameters.map((parameter) => valueFor(parameter, values));
    const { rows, numAffectedRows = 0n } = await db.executeQuery<Row>({ ...query, parameters });
    return { rows, affected: Number(numAffectedRows) };
  };
};

class StandIn {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Has a stand-in under every name. */
const standIns: Values = new Proxy({}, { get: (_target, name) => new StandIn(String(name)) });

const valueFor = (parameter: unknown, values: Values): unknown =>
  parameter instanceof StandIn ? values[parameter.name] : parameter;
