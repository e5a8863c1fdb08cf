import { Buffer } from "node:buffer";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { der } from "./der.ts";

/** A certificate and its private key, both PEM. */
export type CertificateAndKey = { readonly cert: string; readonly key: string };

/** Object identifiers: commonName (X.520), ecdsa-with-SHA256 (RFC 5758). */
const [commonName, ecdsaWithSha256] = ["550403", "2a8648ce3d040302"];

const years = 10;

/**
 * Makes a self-signed certificate (X.509 v3, RFC 5280) with a new P-256 key, valid for 10 years. Clients
 * verify it by the pin of its key, so it contains no host name.
 */
export const selfSigned = (now: Date): CertificateAndKey => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der.sequence(der.oid(ecdsaWithSha256));
  const name = der.sequence(der.set(der.sequence(der.oid(commonName), der.text("gatehouse"))));
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + years);
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const body = der.sequence(
    der.tagged(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    algorithm,
    name,
    // Clocks of other machines may be a day behind.
    der.sequence(der.utcTime(new Date(now.getTime() - 86_400_000)), der.utcTime(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const certificate = der.sequence(body, algorithm, der.bitString(sign("sha256", body, privateKey)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
};
