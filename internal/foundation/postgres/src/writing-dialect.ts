import { CompiledQuery, type Dialect, type Driver, type PostgresPool } from "kysely";
import { transactionLock } from "./host-lock.ts";
import { OwnSchemaDialect } from "./own-schema-dialect.ts";
import { postgresTrouble, trouble, wasNeverSent } from "./trouble.ts";

/**
 * Kysely's dialect, whose error says that the outcome is unknown if no answer to a commit arrives. With `isShared`, a
 * transaction waits for transactions of other hosts.
 */
export const writingDialect = (pool: PostgresPool, { isShared }: { readonly isShared: boolean }): Dialect =>
  new WritingDialect(pool, isShared);

class WritingDialect extends OwnSchemaDialect {
  readonly #isShared: boolean;

  constructor(pool: PostgresPool, isShared: boolean) {
    super({ pool });
    this.#isShared = isShared;
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const begin = driver.beginTransaction.bind(driver);
    const commit = driver.commitTransaction.bind(driver);
    const rollback = driver.rollbackTransaction.bind(driver);
    if (this.#isShared)
      driver.beginTransaction = async (connection, settings) => {
        await begin(connection, settings);
        try {
          await connection.executeQuery(CompiledQuery.raw(transactionLock));
        } catch (error) {
          // Kysely rolls back only transactions whose begin succeeded.
          await driver.rollbackTransaction(connection);
          throw error;
        }
      };
    driver.commitTransaction = (connection) => commit(connection).catch(rethrowUnsure);
    driver.rollbackTransaction = async (connection) => {
      try {
        await rollback(connection);
      } catch (error) {
        // The server rolls back the transaction of a session that was cut off.
        if (!isAway(error)) throw error;
      }
    };
    return driver;
  }
}

const isAway = (error: unknown): error is Error => postgresTrouble(error)?.code === "POSTGRES_AWAY";

const rethrowUnsure = (error: unknown): never => {
  if (!isAway(error) || wasNeverSent(error)) throw error;
  throw trouble("POSTGRES_UNSURE", "the connection was cut while a change was being saved", error);
};
