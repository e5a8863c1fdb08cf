import type { TransportResult } from "../../transport.ts";
import type { Connection } from "../files/connection.ts";

type Work<T> = (db: Connection) => TransportResult<T>;

const fenced: TransportResult<never> = {
  ok: false,
  error: { code: "fenced", message: "Another host holds this session: it has a newer lease." },
};

const seenToken = (db: Connection): number | null =>
  db.all<{ token: number }>("select token from host")[0]?.token ?? null;

/** A read that an earlier holder of the session's lease is refused. */
export const readFenced =
  <T>(token: number, work: Work<T>): Work<T> =>
  (db) =>
    (seenToken(db) ?? token) > token ? fenced : work(db);

/** A write that an earlier holder is refused, in the same transaction. A newer holder's token is kept. */
export const writeFenced =
  <T>(token: number, work: Work<T>): Work<T> =>
  (db) => {
    const seen = seenToken(db);
    if (seen !== null && seen > token) return fenced;
    if (seen !== token)
      db.run(
        "insert into host (id, token) values (1, ?) on conflict (id) do update set token = ?",
        token,
        token,
      );
    return work(db);
  };
