import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { readCentral } from "@gatehouse/central-database";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { writeNamedCertificate } from "@gatehouse/socket-server/testing";

/** A server that answers the question for TLS so; with "S" it shows a certificate of its own authority for db.example. */
const serverSaying = async (answer: "S" | "N" | "E") => {
  const folder = temporaryFolder();
  const files = await writeNamedCertificate(folder, { names: ["db.example"] });
  const shown = { key: readFileSync(files.key), cert: readFileSync(files.cert) };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write(answer);
      if (answer !== "S") return;
      const secure = new TLSSocket(socket, { isServer: true, ...shown });
      secure.on("error", () => undefined);
      secure.on("data", () => void secure.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const noPem = join(folder, "no.pem");
  writeFileSync(noPem, "no certificate\n");
  const missing = join(folder, "missing.pem");
  return { port: (server.address() as AddressInfo).port, files: { own: files.cert, noPem, missing } };
};

const table = [
  { answer: "S", settings: "sslmode=require", says: "self-signed certificate" },
  { answer: "S", settings: "sslmode=prefer", says: "self-signed certificate" },
  { answer: "S", settings: "sslmode=verify-full&sslrootcert=OWN", says: "does not match certificate" },
  { answer: "S", settings: "sslmode=verify-full&sslrootcert=MISSING", says: "missing.pem" },
  { answer: "S", settings: "sslmode=verify-full&sslcert=MISSING", says: "missing.pem" },
  { answer: "S", settings: "sslmode=verify-full&sslcert=NOPEM&sslkey=NOPEM", says: "PEM" },
  { answer: "S", settings: "sslnegotiation=indirect", says: "sslnegotiation" },
  { answer: "N", settings: "sslmode=verify-full", says: "does not support SSL" },
  { answer: "E", settings: "sslmode=require", says: "establishing an SSL connection" },
] as const;

describe("a database whose server cannot be reached by TLS", () => {
  test.for(table)("is refused with the fix: $settings, $answer", async ({ answer, settings, says }) => {
    const { port, files } = await serverSaying(answer);
    const warnings: Error[] = [];
    const hear = (warning: Error): void => void warnings.push(warning);
    process.on("warning", hear);
    onTestFinished(() => void process.off("warning", hear));
    const query = settings
      .replace("OWN", files.own)
      .replace("MISSING", files.missing)
      .replaceAll("NOPEM", files.noPem);
    const database = { url: `postgresql://ana@127.0.0.1:${port}/agents?${query}`, shown: "the server" };
    const read = await readCentral({ dataDir: "/proc/nowhere", database }, async () => null);
    expect(read).toMatchObject({
      ok: false,
      error: {
        code: "database-refused",
        message: expect.stringContaining(says) as unknown,
        fix: expect.stringContaining("sslmode=verify-full&sslrootcert=FILE") as unknown,
      },
    });
    expect(warnings).toEqual([]);
  });
});
