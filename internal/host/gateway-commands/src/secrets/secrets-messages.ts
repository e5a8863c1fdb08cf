import type { Failure } from "@gatehouse/cli-kit";
import type { SecretsError } from "@gatehouse/gateway/secrets";

/** Explains why the file of keys or of MCP secrets was not read or written. */
export const explainSecrets = ({ code, file, detail }: SecretsError): Failure => {
  switch (code) {
    case "secrets-unreadable":
      return {
        code,
        message: `The secrets in ${file} cannot be read: ${detail}.`,
        fix: "correct the file, or move it away and set the secrets again",
      };
    case "secrets-unwritable":
      return {
        code,
        message: `The secrets in ${file} cannot be written (${detail}).`,
        fix: "check the rights of the folder and the disk; nothing was changed",
      };
  }
};
