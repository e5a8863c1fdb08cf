import { createHash, createPrivateKey, randomUUID, X509Certificate, type KeyObject } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { selfSigned, type CertificateAndKey } from "./self-signed.ts";

/** Why a host cannot serve TLS: a sentence, and the fix. */
export type TlsError = { readonly code: string; readonly message: string; readonly fix: string };

/** The certificate that a host presents to TLS clients. */
export type TlsIdentity = CertificateAndKey & {
  /** The pin by which a runner verifies it; null if an authority signed it: then its name is checked. */
  readonly pin: string | null;
};

/** A certificate and its key, in files. */
export type TlsFiles = { readonly cert: string; readonly key: string };

/**
 * SHA-256 of a public key (SPKI), in the form that a runner gets. It stays the same in a new certificate for
 * the same key.
 */
const pinOf = ({ publicKey }: X509Certificate): string =>
  `sha256/${createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url")}`;

/** Reads a certificate and its key, and checks that they can be used now. */
export const tlsIdentityIn = async (files: TlsFiles, now: Date): Promise<Result<TlsIdentity, TlsError>> => {
  const [cert, key] = [await textIn(files.cert), await textIn(files.key)];
  if (!cert.ok) return cert;
  if (!key.ok) return key;
  return checked({ cert: cert.value, key: key.value }, files, now);
};

const ownName = "wire-tls.pem";

/** The certificate of a data folder's host. It is made once and kept with its key in a file of mode 0600. */
export const ownTlsIdentity = async (dataDir: string, now: Date): Promise<Result<TlsIdentity, TlsError>> => {
  const file = join(dataDir, ownName);
  const kept = await textIn(file);
  if (kept.ok) return checked({ cert: kept.value, key: kept.value }, { cert: file, key: file }, now, file);
  if (!kept.error.message.includes("(ENOENT)")) return kept;
  const made = selfSigned(now);
  const problem = await writeWhole(file, `${made.key}${made.cert}`);
  if (problem === null) return checked(made, { cert: file, key: file }, now, file);
  const message = `The certificate ${file} cannot be written (${problem}).`;
  return fail({ code: "tls-certificate-unwritable", message, fix: "make the data folder writable" });
};

const checked = (
  { cert, key }: CertificateAndKey,
  files: TlsFiles,
  now: Date,
  own?: string,
): Result<TlsIdentity, TlsError> => {
  const certificate = parsed(() => new X509Certificate(cert));
  const privateKey = parsed((): KeyObject => createPrivateKey(key));
  const mend =
    own === undefined ? "name another one with --tls-cert and --tls-key" : `remove ${own}: a new one is made`;
  const refuse = (error: Omit<TlsError, "fix">): Result<never, TlsError> => fail({ ...error, fix: mend });
  if (certificate === null)
    return refuse({
      code: "tls-certificate-unreadable",
      message: `${files.cert} has no certificate in PEM.`,
    });
  if (privateKey === null)
    return refuse({
      code: "tls-key-unreadable",
      message: `${files.key} has no private key in PEM, or one with a passphrase.`,
    });
  if (!certificate.checkPrivateKey(privateKey))
    return refuse({
      code: "tls-key-mismatch",
      message: `The key in ${files.key} does not belong to the certificate ${files.cert}.`,
    });
  if (Date.parse(certificate.validTo) <= now.getTime())
    return refuse({
      code: "tls-certificate-expired",
      message: `The certificate ${files.cert} expired on ${certificate.validTo}.`,
    });
  if (Date.parse(certificate.validFrom) > now.getTime())
    return refuse({
      code: "tls-certificate-early",
      message: `The certificate ${files.cert} is valid from ${certificate.validFrom} on.`,
    });
  const isSelfSigned = certificate.issuer === certificate.subject;
  return ok({ cert, key, pin: isSelfSigned ? pinOf(certificate) : null });
};

const parsed = <T>(read: () => T): T | null => {
  try {
    return read();
  } catch (error) {
    // The messages of OpenSSL and Node are not written for users.
    systemCode(error);
    return null;
  }
};

const textIn = async (file: string): Promise<Result<string, TlsError>> => {
  try {
    return ok(await readFile(file, "utf8"));
  } catch (error) {
    const message = `${file} cannot be read (${systemCode(error)}).`;
    return fail({ code: "tls-file-unreadable", message, fix: "name a file that this account can read" });
  }
};

/** The code of the failure; null if the file was written. */
const writeWhole = async (file: string, text: string): Promise<string | null> => {
  const aside = `${file}.${randomUUID()}`;
  try {
    const opened = await open(aside, "wx", 0o600);
    await opened
      .writeFile(text)
      .then(() => opened.sync())
      .finally(() => opened.close());
    await rename(aside, file);
    return null;
  } catch (error) {
    await rm(aside, { force: true });
    return systemCode(error);
  }
};
