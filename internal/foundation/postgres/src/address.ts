import type { Environment, Result } from "@gatehouse/std";

/** A database on a PostgreSQL server. */
export type PostgresAddress = {
  /** With the password, if it has one: for the driver only. */
  readonly url: string;
  /** Without password and settings: for messages. */
  readonly shown: string;
};

/** The error of a refused address. It never quotes the address, which may contain a password. */
export type AddressProblem = {
  readonly code: "database-address-invalid" | "password-in-arguments";
  readonly message: string;
  readonly fix: string;
};

/**
 * The database named by `--database`, else by `GATEHOUSE_DATABASE`; null without both, for the file in the
 * data folder. A password on the command line is refused: every account of the machine can read it there.
 */
export const chooseAddress = (
  env: Environment,
  flag?: string,
): Result<PostgresAddress | null, AddressProblem> => {
  const text = flag ?? (env["GATEHOUSE_DATABASE"] || undefined);
  if (text === undefined) return { ok: true, value: null };
  const name = flag === undefined ? "GATEHOUSE_DATABASE" : "The address on the command line";
  const url = parsed(text);
  if (url === null) return { ok: false, error: invalid(name) };
  if (flag !== undefined && (url.password !== "" || url.searchParams.has("password")))
    return { ok: false, error: passwordInArguments };
  return { ok: true, value: { url: text, shown: shown(url) } };
};

const schemes = ["postgresql:", "postgres:"];

/**
 * Null for a text that is not the address of a PostgreSQL server. `user@/name` without a host is accepted, as
 * in libpq.
 */
const parsed = (text: string): URL | null => {
  const whole = text.replace("@/", "@localhost/");
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (url === null || !schemes.some((scheme) => text.startsWith(`${scheme}//`))) return null;
  try {
    decodeURIComponent(`${url.username}${url.password}${url.hostname}${url.pathname}`);
    return url;
  } catch {
    // A lone % in a name.
    return null;
  }
};

const shown = (url: URL): string => {
  const user = url.username || url.searchParams.get("user") || "";
  const host = url.searchParams.get("host") || url.hostname;
  const port = url.port || url.searchParams.get("port") || "";
  const settings = host.startsWith("/") ? `?host=${host}` : "";
  return `postgresql://${user && `${user}@`}${settings === "" ? host : ""}${port && `:${port}`}${url.pathname}${settings}`;
};

const example = "postgresql://USER@HOST/NAME or postgresql:///NAME?host=/var/run/postgresql";

const invalid = (name: string): AddressProblem => ({
  code: "database-address-invalid",
  message: `${name} is not the address of a PostgreSQL database.`,
  fix: `write it as ${example}; without it the database is a file in the data folder`,
});

const passwordInArguments: AddressProblem = {
  code: "password-in-arguments",
  message:
    "The address on the command line has a password, which every account of this machine can read there.",
  fix: "put the address into GATEHOUSE_DATABASE, or the password into PGPASSWORD or the file that PGPASSFILE names (default ~/.pgpass, mode 0600); and change this password",
};
