import { X509Certificate } from "node:crypto";
import { statSync } from "node:fs";
import type { Server } from "node:tls";
import { tlsIdentityIn, type TlsError, type TlsFiles, type TlsIdentity } from "@gatehouse/socket-server";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** The certificate of the console. */
export type ConsoleCertificate = {
  readonly present: () => Pick<TlsIdentity, "cert" | "key">;
  /** The names by which browsers reach the console: those in the certificate, without wildcards. */
  readonly names: () => readonly string[];
  /** Gives the server a renewed certificate: its files are read again once they have changed. */
  readonly follow: (server: Server) => void;
};

export const leastTls = "TLSv1.2";

const flags = "--console-tls-cert and --console-tls-key";

/**
 * Reads the certificate of a console that listens at `host`. If a later one cannot be used, the earlier one stays, and `say`
 * gets the reason.
 */
export const consoleCertificate = async (
  files: TlsFiles,
  host: string,
  say: (text: string) => void,
): Promise<Result<ConsoleCertificate, TlsError>> => {
  const read = async (): Promise<Result<TlsIdentity & { readonly names: readonly string[] }, TlsError>> => {
    const identity = await tlsIdentityIn(files, new Date(), flags);
    if (!identity.ok) return identity;
    const names = namesIn(identity.value.cert, host);
    return names.length === 0 ? fail(nameless(files.cert)) : ok({ ...identity.value, names });
  };
  let stamp = stampOf(files);
  const first = await read();
  if (!first.ok) return first;
  let present = first.value;
  const renew = async (server: Server): Promise<void> => {
    const next = await read();
    if (!next.ok) return say(`The console keeps its earlier certificate. ${next.error.message}`);
    present = next.value;
    server.setSecureContext({ cert: present.cert, key: present.key, minVersion: leastTls });
  };
  return ok({
    present: () => present,
    names: () => present.names,
    follow: (server) =>
      server.on("connection", () => {
        const found = stampOf(files);
        if (found === stamp) return;
        stamp = found;
        void renew(server);
      }),
  });
};

/** Changes with either file. A certificate and its key are replaced one after the other. */
const stampOf = ({ cert, key }: TlsFiles): string =>
  [cert, key]
    .map((file) => {
      try {
        const { ino, mtimeMs, size } = statSync(file);
        return `${ino} ${mtimeMs} ${size}`;
      } catch (error) {
        return systemCode(error);
      }
    })
    .join();

/** A wildcard names no host, but it may cover the one at which the console listens. */
const namesIn = (cert: string, host: string): readonly string[] => {
  const certificate = new X509Certificate(cert);
  const named = (certificate.subjectAltName ?? "").split(", ").flatMap((entry) => {
    const [, name, address] = /^(?:DNS:([\w.-]+)|IP Address:([\dA-F.:]+))$/i.exec(entry) ?? [];
    return name ?? (address?.includes(":") === true ? `[${address}]` : address) ?? [];
  });
  const isCovered = certificate.checkHost(host, { subject: "never" }) !== undefined;
  return isCovered ? [...named, host] : named;
};

const nameless = (file: string): TlsError => ({
  code: "tls-certificate-nameless",
  message: `The certificate ${file} names no host to which a link could lead.`,
  fix: "name one with subjectAltName, or with a wildcard listen at a name: --console NAME:PORT",
});
