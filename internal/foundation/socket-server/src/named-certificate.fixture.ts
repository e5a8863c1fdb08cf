import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import type { TlsFiles } from "./tls/tls-identity.ts";

/** Writes a self-signed certificate with these names and addresses into a folder, and its key, of mode 0600 by default. */
export const writeNamedCertificate = async (
  folder: string,
  {
    names = [],
    addresses = [],
  }: { readonly names?: readonly string[]; readonly addresses?: readonly string[] },
  mode = 0o600,
): Promise<TlsFiles> => {
  const altNames = [
    ...names.map((value) => ({ type: 2 as const, value })),
    ...addresses.map((ip) => ({ type: 7 as const, ip })),
  ];
  const made = await generate([{ name: "commonName", value: "console" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    extensions:
      altNames.length === 0
        ? [{ name: "basicConstraints", cA: false }]
        : [{ name: "subjectAltName", altNames }],
  });
  const files = { cert: join(folder, "console.pem"), key: join(folder, "console.key") };
  writeFileSync(files.cert, made.cert);
  writeFileSync(files.key, made.private, { mode });
  return files;
};
