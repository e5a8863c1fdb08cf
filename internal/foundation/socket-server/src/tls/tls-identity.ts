import { createHash, createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { replaceFile } from "@gatehouse/fs-kit";
import { fail, ok, shellWord, systemCode, type Result } from "@gatehouse/std";

/** A certificate and its private key, both PEM. */
export type CertificateAndKey = { readonly cert: string; readonly key: string };

/** The error of a host that cannot serve TLS. `message` is a sentence. */
export type TlsError = { readonly code: string; readonly message: string; readonly fix: string };

/** The certificate that a host presents to TLS clients. */
export type TlsIdentity = CertificateAndKey & {
  /** The pin by which a runner verifies it; null if an authority signed it, so that its name is verified. */
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

/**
 * Reads a certificate and its key, and checks that they can be used now, and that no other account can read the key. `flags`
 * are those that name the files, for the fix.
 */
export const tlsIdentityIn = async (
  files: TlsFiles,
  now: Date,
  flags = "--tls-cert and --tls-key",
): Promise<Result<TlsIdentity, TlsError>> => {
  const [cert, key] = [await textIn(files.cert), await textIn(files.key)];
  if (!cert.ok) return cert;
  if (!key.ok) return key;
  const identity = checked(
    { cert: cert.value, key: key.value },
    files,
    now,
    `name another one with ${flags}`,
  );
  return identity.ok && (await isOpenToOthers(files.key)) ? fail(exposed(files.key)) : identity;
};

/** True if accounts outside the file's group may read it. A group may: an administrator gives it a key so. */
const isOpenToOthers = (file: string): Promise<boolean> =>
  stat(file).then(
    ({ mode }) => (mode & 0o007) !== 0,
    (error: unknown) => systemCode(error) !== "",
  );

const exposed = (file: string): TlsError => ({
  code: "tls-key-exposed",
  message: `Every account of this machine may open the key ${file}.`,
  fix: `chmod o= ${shellWord(file)}`,
});

const years = 10;

/**
 * Makes a self-signed certificate with a new P-256 key, valid for 10 years. Clients verify it by the pin of
 * its key, so it contains no address of the host.
 */
export const selfSigned = async (now: Date): Promise<CertificateAndKey> => {
  // Loaded late: a host makes its certificate once. In a bundle, a CommonJS module has only a default export.
  const { default: selfsigned } = await import("selfsigned");
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + years);
  const made = await selfsigned.generate([{ name: "commonName", value: "gatehouse" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // Clocks of other machines may be a day behind.
    notBeforeDate: new Date(now.getTime() - 86_400_000),
    notAfterDate: until,
  });
  return { cert: `${made.cert}\n`, key: made.private };
};

const ownName = "wire-tls.pem";

/** The certificate of a data folder's host. It is made once and kept with its key in a file of mode 0600. */
export const ownTlsIdentity = async (dataDir: string, now: Date): Promise<Result<TlsIdentity, TlsError>> => {
  const file = join(dataDir, ownName);
  const kept = await textIn(file);
  const mend = `remove ${file}: a new one is made`;
  if (kept.ok) return checked({ cert: kept.value, key: kept.value }, { cert: file, key: file }, now, mend);
  if (!kept.error.message.includes("(ENOENT)")) return kept;
  const made = await selfSigned(now);
  const problem = await replaceFile(file, `${made.key}${made.cert}`).then(() => null, systemCode);
  if (problem === null) return checked(made, { cert: file, key: file }, now, mend);
  const message = `The certificate ${file} cannot be written (${problem}).`;
  return fail({ code: "tls-certificate-unwritable", message, fix: "make the data folder writable" });
};

const checked = (
  { cert, key }: CertificateAndKey,
  files: TlsFiles,
  now: Date,
  mend: string,
): Result<TlsIdentity, TlsError> => {
  const certificate = parsed(() => new X509Certificate(cert));
  const privateKey = parsed((): KeyObject => createPrivateKey(key));
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
  // A certificate of its chain may be torn, or a key too short for this machine's OpenSSL.
  if (parsed(() => createSecureContext({ cert, key })) === null)
    return refuse({
      code: "tls-certificate-unusable",
      message: `OpenSSL refuses the certificate ${files.cert}, or one of its chain.`,
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
