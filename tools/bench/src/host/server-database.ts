import { newAddress } from "@gatehouse/host/testing";

/** An empty database on a PostgreSQL server; null without a server. */
export const newServerDatabase: typeof newAddress = newAddress;

/** The outcome of a measurement that needs such a database. */
export const noServer = {
  ok: false,
  error: "GATEHOUSE_TEST_POSTGRES names no PostgreSQL database in which schemas may be created",
} as const;
